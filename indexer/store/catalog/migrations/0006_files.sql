-- Where the file was recorded that is new at some place: whoever looks there looks here as well.

CREATE INDEX seen_file ON seen (source_no, file_id) WHERE file_id IS NOT NULL;
