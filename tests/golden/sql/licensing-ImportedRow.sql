-- select
SELECT t.source, t.source_table, t.source_key, t.target_key, t.digest FROM import_map t WHERE t.source = ? AND t.source_table = ? AND t.source_key = ?;
-- select with every member on demand
SELECT t.source, t.source_table, t.source_key, t.target_key, t.digest FROM import_map t ORDER BY t.source, t.source_table, t.source_key LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM import_map t;
-- insert
INSERT INTO import_map (source, source_table, source_key, target_key, digest) VALUES (?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO import_map (source, source_table, source_key, target_key, digest) VALUES (?, ?, ?, ?, ?) RETURNING import_map.source, import_map.source_table, import_map.source_key, import_map.target_key, import_map.digest;
-- update
UPDATE import_map t SET t.target_key = ?, t.digest = ? WHERE t.source = ? AND t.source_table = ? AND t.source_key = ?;
-- delete
DELETE t FROM import_map t WHERE t.source = ? AND t.source_table = ? AND t.source_key = ?;
