-- What programs of schema 027 were the first to send. It was; it is never made anew.
-- an import of the rows of another program
SELECT t.source_key, t.target_key, t.digest FROM import_map t WHERE t.source = ? AND t.source_table = ? AND t.source_key IN (?, ?) ORDER BY t.source, t.source_table, t.source_key;
INSERT INTO import_map (source, source_table, source_key, target_key, digest) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?);
INSERT INTO import_map (source, source_table, source_key, target_key, digest) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE target_key = VALUES(target_key), digest = VALUES(digest);
