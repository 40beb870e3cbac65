-- Which queue a session's queries go to: WLM matches query groups by name (parameter wlm_json_configuration).
-- Set it before a load, and RESET after; a load may take two slots of its queue's memory.
SET query_group TO 'load';
SET wlm_query_slot_count TO 1;
RESET wlm_query_slot_count;
RESET query_group;
