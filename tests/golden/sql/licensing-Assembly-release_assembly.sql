-- select
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.product_id, t.release_id FROM release_assembly t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.version, t.culture, t.public_key_token, t.mapping_file_id, t.debug_symbols_key, t.product_id, t.release_id FROM release_assembly t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM release_assembly t;
-- insert
INSERT INTO release_assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key, product_id, release_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO release_assembly (id, name, version, culture, public_key_token, mapping_file_id, debug_symbols_key, product_id, release_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING release_assembly.id, release_assembly.name, release_assembly.version, release_assembly.culture, release_assembly.public_key_token, release_assembly.mapping_file_id, release_assembly.debug_symbols_key, release_assembly.product_id, release_assembly.release_id;
-- update
UPDATE release_assembly t SET t.name = ?, t.version = ?, t.culture = ?, t.public_key_token = ?, t.mapping_file_id = ?, t.debug_symbols_key = ?, t.product_id = ?, t.release_id = ? WHERE t.id = ?;
-- delete
DELETE t FROM release_assembly t WHERE t.id = ?;
