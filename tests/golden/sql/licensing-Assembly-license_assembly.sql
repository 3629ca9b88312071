-- select
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.license_id, t.template_id FROM license_assembly t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.license_id, t.template_id FROM license_assembly t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM license_assembly t;
-- insert
INSERT INTO license_assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO license_assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key, license_id, template_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING license_assembly.id, license_assembly.name, license_assembly.version, license_assembly.culture, license_assembly.public_key_token, license_assembly.mapping_file_id, license_assembly.debug_symbols_key, license_assembly.license_id, license_assembly.template_id;
-- update
UPDATE license_assembly t SET t.name = ?, t.version = ?, t.culture = ?, t.public_key_token = ?, t.mapping_file_id = ?, t.debug_symbols_key = ?, t.license_id = ?, t.template_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM license_assembly t WHERE t.id = ?;
