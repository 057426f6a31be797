-- Whether what a request with a fault was to be answered never went out, since its sender had gone.
ALTER TABLE request_wire ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
