-- compatible-from: 5
--
-- Programs of schema 4 and before look for the secret of an API client in api_client.secret_hash, which schema 5 has
-- emptied: they refused every API client, though they were not told to stop. They are now. What they have written
-- there since is taken over by "clientele migrate" when this has been applied, and by "clientele expire", for the
-- last of them may still be at work at this moment.

ALTER TABLE api_client
	ALTER COLUMN secret_hash SET DEFAULT '',
	ALGORITHM = INSTANT, LOCK = NONE;
