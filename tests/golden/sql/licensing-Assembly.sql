-- select
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key FROM assembly t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key FROM assembly t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM assembly t;
-- insert
INSERT INTO assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key) VALUES (?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING assembly.id, assembly.name, assembly.version, assembly.culture, assembly.public_key_token, assembly.mapping_file_id, assembly.debug_symbols_key;
-- update
UPDATE assembly t SET t.name = ?, t.version = ?, t.culture = ?, t.public_key_token = ?, t.mapping_file_id = ?, t.debug_symbols_key = ? WHERE t.id = ?;
-- delete
DELETE t FROM assembly t WHERE t.id = ?;
