-- A role for users who are delegates of groups: they see their own.
--
-- Every statement can be run again. Programs of the schema before do not know the role: it opens nothing there.

INSERT IGNORE INTO role (id, name, description) VALUES
	('b2d94c17-6e0f-4a83-9c5b-1f7a38e6d042', 'Delegate', 'Sees the own delegate groups, and changes them as far as the delegate may.');
