-- What programs of schema 011 were the first to send. It was; it is never made anew.
-- revocation
SELECT 0, counter - marked FROM revocation WHERE id = 1 UNION ALL SELECT origin, MAX(number) FROM revocation_mark GROUP BY origin LIMIT 2050;
SELECT origin, number, kind, subject FROM revocation_mark WHERE (origin = ? AND number > ?) OR (origin = ? AND number > ?) OR (origin = ? AND number > ?) OR (origin = ? AND number > ?) OR (origin = ? AND number > ?) OR (origin = ? AND number > ?) OR (origin = ? AND number > ?) OR (origin = ? AND number > ?) ORDER BY origin, number LIMIT 1025;
INSERT INTO revocation_mark (origin, number, kind, subject, made_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6));
UPDATE revocation SET counter = counter + 1, marked = marked + 1 WHERE id = 1;
UPDATE revocation SET counter = counter + 1 WHERE id = 1;
