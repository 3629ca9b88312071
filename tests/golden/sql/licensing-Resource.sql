-- select
SELECT t.id, t.name, t.type, t.code, t.description, t.source, IF(t.password IS NULL, NULL, '********'), t.created_at, t.updated_at, t.data, t.data_format, t.meta FROM resource t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.type, t.code, t.description, t.source, IF(t.password IS NULL, NULL, '********'), t.created_at, t.updated_at, t.data, t.data_format, t.meta FROM resource t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM resource t;
-- insert
INSERT INTO resource (id, name, type, code, description, source, password, created_at, updated_at, data, data_format, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- update
UPDATE resource t SET t.name = ?, t.type = ?, t.code = ?, t.description = ?, t.source = ?, t.password = ?, t.created_at = ?, t.data = ?, t.data_format = ?, t.meta = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM resource t WHERE t.id = ?;
