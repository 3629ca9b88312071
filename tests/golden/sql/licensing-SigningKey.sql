-- select
SELECT t.id, t.name, t.algorithm, t.bits, t.key_id, t.public_key, t.state, t.is_default, t.legacy, t.successor_id, t.created_at, t.updated_at, t.retired_at FROM signing_key t WHERE t.id = ?;
-- select with every member on demand
SELECT t.id, t.name, t.algorithm, t.bits, t.key_id, t.public_key, t.state, t.is_default, t.legacy, t.successor_id, t.created_at, t.updated_at, t.retired_at FROM signing_key t ORDER BY t.id LIMIT ? OFFSET ?;
-- count
SELECT COUNT(*) FROM signing_key t;
-- insert
INSERT INTO signing_key (id, name, algorithm, bits, key_id, public_key, state, is_default, legacy, successor_id, created_at, updated_at, retired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- insert, and what is stored
INSERT INTO signing_key (id, name, algorithm, bits, key_id, public_key, state, is_default, legacy, successor_id, created_at, updated_at, retired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING signing_key.id, signing_key.name, signing_key.algorithm, signing_key.bits, signing_key.key_id, signing_key.public_key, signing_key.state, signing_key.is_default, signing_key.legacy, signing_key.successor_id, signing_key.created_at, signing_key.updated_at, signing_key.retired_at;
-- update
UPDATE signing_key t SET t.name = ?, t.algorithm = ?, t.bits = ?, t.key_id = ?, t.public_key = ?, t.state = ?, t.is_default = ?, t.legacy = ?, t.successor_id = ?, t.created_at = ?, t.retired_at = ?, t.updated_at = UTC_TIMESTAMP(6) WHERE t.id = ?;
-- delete
DELETE t FROM signing_key t WHERE t.id = ?;
