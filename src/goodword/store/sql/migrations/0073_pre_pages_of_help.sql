-- Why: pages of help are texts that a workspace writes, as those of messages are: the same table has both, and the same command says them.

comment on table message_text is 'The texts that a workspace wrote itself, of messages and of pages of help, every version; the highest counts.';
comment on column message_text.topic is 'what a message is about, or help. and the name of a page';
comment on column message_text.text is 'of a message a template in Liquid, of a page Markdown; empty: from here on there is none of the workspace''s own';
