-- 145be1c6b320522299826ddd693698eb07543ff54aec0040fee90778dfbacce1: by `WRITE_SCHEMA=1 ./test tests/style/test_schema.py`
CREATE TABLE IF NOT EXISTS "tortoise_migrations" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
);
CREATE TABLE "calendar_day" (
    "day" DATE NOT NULL  PRIMARY KEY,
    "is_work" BOOL NOT NULL,
    "name" VARCHAR(40) NOT NULL
);
COMMENT ON TABLE "calendar_day" IS '工作日历';
CREATE TABLE "outbox_delivery" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "receiver" VARCHAR(20) NOT NULL,
    "kind" VARCHAR(40) NOT NULL,
    "stream" VARCHAR(60) NOT NULL,
    "facts" JSONB NOT NULL,
    "recorded_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ,
    "attempts" SMALLINT NOT NULL,
    "last_error" TEXT NOT NULL
);
CREATE INDEX "idx_outbox_deli_receive_d6f83e" ON "outbox_delivery" ("receiver", "stream", "id");
CREATE INDEX "idx_outbox_deli_receive_199569" ON "outbox_delivery" ("receiver", "due_at");
COMMENT ON TABLE "outbox_delivery" IS '待投递消息';
CREATE TABLE "place_generation" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "label" VARCHAR(120) NOT NULL,
    "datum" VARCHAR(8) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "starts_at" TIMESTAMPTZ,
    "loaded_at" TIMESTAMPTZ NOT NULL,
    "loaded_by_id" INT,
    "sha256" VARCHAR(64) NOT NULL,
    "report" JSONB NOT NULL
);
CREATE INDEX "idx_place_gener_state_257a45" ON "place_generation" ("state");
COMMENT ON TABLE "place_generation" IS '边界版本';
CREATE TABLE "inbox" (
    "account_id" INT NOT NULL  PRIMARY KEY,
    "last_seq" INT NOT NULL,
    "read_seq" INT NOT NULL
);
COMMENT ON TABLE "inbox" IS '收件箱';
CREATE TABLE "matter" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "code" VARCHAR(20) NOT NULL UNIQUE,
    "name" VARCHAR(120) NOT NULL,
    "domain" VARCHAR(40) NOT NULL
);
COMMENT ON TABLE "matter" IS '事项';
CREATE TABLE "place" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "level" VARCHAR(8) NOT NULL,
    "code" VARCHAR(20) NOT NULL,
    "name" VARCHAR(80) NOT NULL,
    "parent_code" VARCHAR(20) NOT NULL,
    "geometry" BYTEA NOT NULL,
    "generation_id" INT NOT NULL REFERENCES "place_generation" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_place_generat_7d17fa" UNIQUE ("generation_id", "code")
);
COMMENT ON TABLE "place" IS '区划';
CREATE TABLE "responsibility_list" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "type" VARCHAR(32) NOT NULL UNIQUE,
    "name" VARCHAR(120) NOT NULL
);
COMMENT ON TABLE "responsibility_list" IS '责任清单';
CREATE TABLE "list_version" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "number" INT NOT NULL,
    "label" VARCHAR(120) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "starts_at" TIMESTAMPTZ,
    "loaded_at" TIMESTAMPTZ NOT NULL,
    "loaded_by_id" INT,
    "published_by_id" INT,
    "source_name" VARCHAR(200) NOT NULL,
    "sha256" VARCHAR(64) NOT NULL,
    "report" JSONB NOT NULL,
    "list_id" INT NOT NULL REFERENCES "responsibility_list" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_list_versio_list_id_d69fa5" UNIQUE ("list_id", "number")
);
CREATE INDEX "idx_list_versio_state_a6e37b" ON "list_version" ("state");
COMMENT ON TABLE "list_version" IS '清单版本';
CREATE TABLE "sign_in_throttle" (
    "key" VARCHAR(80) NOT NULL  PRIMARY KEY,
    "n_failures" INT NOT NULL,
    "last_at" TIMESTAMPTZ NOT NULL,
    "blocked_until" TIMESTAMPTZ
);
COMMENT ON TABLE "sign_in_throttle" IS '登录限制';
CREATE TABLE "unit" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "code" VARCHAR(20) NOT NULL UNIQUE,
    "name" VARCHAR(80) NOT NULL UNIQUE,
    "short_names" JSONB NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "township_code" VARCHAR(20) NOT NULL,
    "phone" VARCHAR(40) NOT NULL,
    "active" BOOL NOT NULL,
    "parent_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT
);
COMMENT ON TABLE "unit" IS '单位';
CREATE TABLE "account" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "username" VARCHAR(64)  UNIQUE,
    "name" VARCHAR(80) NOT NULL,
    "password_hash" VARCHAR(200) NOT NULL,
    "demo" BOOL NOT NULL,
    "active" BOOL NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "unit_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_account_unit_id_aa326f" ON "account" ("unit_id");
COMMENT ON TABLE "account" IS '账号';
CREATE TABLE "case_file" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "no" VARCHAR(24) NOT NULL UNIQUE,
    "stage" VARCHAR(16) NOT NULL,
    "version" INT NOT NULL,
    "cycle" SMALLINT NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "title" VARCHAR(120) NOT NULL,
    "lon" DOUBLE PRECISION,
    "lat" DOUBLE PRECISION,
    "generation_id" INT,
    "county_code" VARCHAR(20) NOT NULL,
    "township_code" VARCHAR(20) NOT NULL,
    "village_code" VARCHAR(20) NOT NULL,
    "grid_code" VARCHAR(20) NOT NULL,
    "place" JSONB NOT NULL,
    "matter_code" VARCHAR(20) NOT NULL,
    "matter_name" VARCHAR(120) NOT NULL,
    "off_list" BOOL NOT NULL,
    "entry_id" BIGINT,
    "list_version_id" INT,
    "explanation" JSONB NOT NULL,
    "suggestion" JSONB NOT NULL,
    "waits_for" JSONB NOT NULL,
    "owner_role" VARCHAR(16) NOT NULL,
    "stage_due_at" TIMESTAMPTZ,
    "urgency" VARCHAR(12) NOT NULL,
    "limit" INT,
    "due_at" TIMESTAMPTZ,
    "due_why" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "filed_at" TIMESTAMPTZ,
    "dispatched_at" TIMESTAMPTZ,
    "accepted_at" TIMESTAMPTZ,
    "handled_at" TIMESTAMPTZ,
    "closed_at" TIMESTAMPTZ,
    "filed_by_id" INT,
    "dispatched_by_id" INT,
    "handled_by_id" INT,
    "result" TEXT NOT NULL,
    "n_redo" SMALLINT NOT NULL,
    "lead_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_case_file_stage_40e8ab" ON "case_file" ("stage", "stage_due_at");
CREATE INDEX "idx_case_file_townshi_ed1971" ON "case_file" ("township_code", "stage", "id");
CREATE INDEX "idx_case_file_grid_co_7c9362" ON "case_file" ("grid_code", "stage");
CREATE INDEX "idx_case_file_lead_id_76e3b8" ON "case_file" ("lead_id", "stage", "due_at");
CREATE INDEX "idx_case_file_lon_264398" ON "case_file" ("lon", "lat");
COMMENT ON TABLE "case_file" IS '案件';
CREATE TABLE "appraisal" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "cycle" SMALLINT NOT NULL,
    "responded" BOOL NOT NULL,
    "solved" BOOL NOT NULL,
    "satisfaction" SMALLINT NOT NULL,
    "comment" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_appraisal_case_id_04eb1b" UNIQUE ("case_id", "account_id", "cycle")
);
COMMENT ON TABLE "appraisal" IS '评价';
CREATE TABLE "case_call" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "caller_unit_id" INT,
    "by_id" INT NOT NULL,
    "key" UUID,
    "content_hash" VARCHAR(64) NOT NULL,
    "reason" VARCHAR(20) NOT NULL,
    "place_text" VARCHAR(200) NOT NULL,
    "lon" DOUBLE PRECISION,
    "lat" DOUBLE PRECISION,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_case_call_by_id_064ce5" UNIQUE ("by_id", "key")
);
CREATE INDEX "idx_case_call_case_id_3a39b4" ON "case_call" ("case_id");
COMMENT ON TABLE "case_call" IS '呼叫';
CREATE TABLE "case_check" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "cycle" SMALLINT NOT NULL,
    "assignee_id" INT,
    "given_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "done_at" TIMESTAMPTZ,
    "done_by_id" INT,
    "passed" BOOL,
    "note" TEXT NOT NULL,
    "lon" DOUBLE PRECISION,
    "lat" DOUBLE PRECISION,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_case_check_case_id_aa0bf3" UNIQUE ("case_id", "cycle")
);
CREATE INDEX "idx_case_check_assigne_5ecdad" ON "case_check" ("assignee_id", "done_at");
COMMENT ON TABLE "case_check" IS '核查';
CREATE TABLE "list_entry" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "row" INT NOT NULL,
    "name" VARCHAR(120) NOT NULL,
    "domain" VARCHAR(40) NOT NULL,
    "description" TEXT NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "platform" VARCHAR(20) NOT NULL,
    "responsibility" VARCHAR(10) NOT NULL,
    "lead_duties" TEXT NOT NULL,
    "township_duties" TEXT NOT NULL,
    "legal_basis" TEXT NOT NULL,
    "contact_name" VARCHAR(80) NOT NULL,
    "contact_phone" VARCHAR(40) NOT NULL,
    "self_handle" BOOL NOT NULL,
    "receives" VARCHAR(12) NOT NULL,
    "urgency" VARCHAR(12) NOT NULL,
    "limit" INT NOT NULL,
    "filing_conditions" JSONB NOT NULL,
    "closing_condition" TEXT NOT NULL,
    "words" JSONB NOT NULL,
    "process" JSONB NOT NULL,
    "lead_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT,
    "matter_id" INT NOT NULL REFERENCES "matter" ("id") ON DELETE CASCADE,
    "version_id" INT NOT NULL REFERENCES "list_version" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_list_entry_version_658c9d" UNIQUE ("version_id", "matter_id")
);
COMMENT ON TABLE "list_entry" IS '清单条目';
CREATE TABLE "list_entry_unit" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "position" SMALLINT NOT NULL,
    "duties" TEXT NOT NULL,
    "entry_id" BIGINT NOT NULL REFERENCES "list_entry" ("id") ON DELETE CASCADE,
    "unit_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_list_entry__entry_i_eb866b" UNIQUE ("entry_id", "position")
);
COMMENT ON TABLE "list_entry_unit" IS '配合单位';
CREATE TABLE "case_follower" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "since" TIMESTAMPTZ NOT NULL,
    "reporter" BOOL NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_case_follow_case_id_3f0be2" UNIQUE ("case_id", "account_id")
);
CREATE INDEX "idx_case_follow_account_445471" ON "case_follower" ("account_id", "case_id");
COMMENT ON TABLE "case_follower" IS '关注人';
CREATE TABLE "account_grant" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "role" VARCHAR(16) NOT NULL,
    "place_code" VARCHAR(20) NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_account_gra_account_d54b3d" UNIQUE ("account_id", "role", "place_code")
);
CREATE INDEX "idx_account_gra_place_c_fd918d" ON "account_grant" ("place_code");
COMMENT ON TABLE "account_grant" IS '授权';
CREATE TABLE "live_ticket" (
    "hash" VARCHAR(64) NOT NULL UNIQUE,
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_live_ticket_expires_f0c50f" ON "live_ticket" ("expires_at");
COMMENT ON TABLE "live_ticket" IS '实时连接票据';
CREATE TABLE "inbox_message" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "seq" INT NOT NULL,
    "event" VARCHAR(80) NOT NULL,
    "kind" VARCHAR(40) NOT NULL,
    "no" VARCHAR(24) NOT NULL,
    "stage" VARCHAR(16) NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_inbox_messa_account_b8e966" UNIQUE ("account_id", "seq"),
    CONSTRAINT "uid_inbox_messa_account_7f10ca" UNIQUE ("account_id", "event")
);
COMMENT ON TABLE "inbox_message" IS '站内消息';
CREATE TABLE "photo" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "sha256" VARCHAR(64) NOT NULL,
    "n_bytes" INT NOT NULL,
    "media_type" VARCHAR(20) NOT NULL,
    "width" INT,
    "height" INT,
    "taken_at" TIMESTAMPTZ,
    "lon" DOUBLE PRECISION,
    "lat" DOUBLE PRECISION,
    "flags" JSONB NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "derived_at" TIMESTAMPTZ,
    "owner_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_photo_owner_i_9299a4" UNIQUE ("owner_id", "sha256")
);
CREATE INDEX "idx_photo_sha256_8dc9e7" ON "photo" ("sha256");
COMMENT ON TABLE "photo" IS '照片';
CREATE TABLE "case_attachment" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "purpose" VARCHAR(8) NOT NULL,
    "step_version" INT NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    "photo_id" UUID NOT NULL REFERENCES "photo" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_case_attach_case_id_107031" UNIQUE ("case_id", "photo_id", "purpose")
);
CREATE INDEX "idx_case_attach_photo_i_f5c7f3" ON "case_attachment" ("photo_id");
COMMENT ON TABLE "case_attachment" IS '案件照片';
CREATE TABLE "report" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "key" UUID NOT NULL,
    "on_behalf_of_id" INT,
    "content_hash" VARCHAR(64) NOT NULL,
    "receipt" JSONB,
    "kind" VARCHAR(12) NOT NULL,
    "text" TEXT NOT NULL,
    "matter_code" VARCHAR(20) NOT NULL,
    "anonymous" BOOL NOT NULL,
    "channel" VARCHAR(12) NOT NULL,
    "lon" DOUBLE PRECISION,
    "lat" DOUBLE PRECISION,
    "datum" VARCHAR(8) NOT NULL,
    "accuracy" DOUBLE PRECISION,
    "source" VARCHAR(8) NOT NULL,
    "wgs_lon" DOUBLE PRECISION,
    "wgs_lat" DOUBLE PRECISION,
    "address" VARCHAR(200) NOT NULL,
    "captured_at" TIMESTAMPTZ NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "evidence" JSONB NOT NULL,
    "withdrawn_at" TIMESTAMPTZ,
    "case_id" BIGINT REFERENCES "case_file" ("id") ON DELETE RESTRICT,
    "reporter_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_report_reporte_3bbedb" UNIQUE ("reporter_id", "key")
);
CREATE INDEX "idx_report_reporte_934a5b" ON "report" ("reporter_id", "id");
CREATE INDEX "idx_report_case_id_8fa445" ON "report" ("case_id");
COMMENT ON TABLE "report" IS '上报';
CREATE TABLE "case_step" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "version" INT NOT NULL,
    "verb" VARCHAR(16) NOT NULL,
    "source" VARCHAR(16) NOT NULL,
    "target" VARCHAR(16) NOT NULL,
    "by_id" INT,
    "by_role" VARCHAR(16) NOT NULL,
    "unit_id" INT,
    "task_id" BIGINT,
    "at" TIMESTAMPTZ NOT NULL,
    "reason" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_case_step_case_id_378253" UNIQUE ("case_id", "version")
);
COMMENT ON TABLE "case_step" IS '流转记录';
CREATE TABLE "case_task" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "part" VARCHAR(12) NOT NULL,
    "stage" VARCHAR(12) NOT NULL,
    "duties" TEXT NOT NULL,
    "dispatched_at" TIMESTAMPTZ NOT NULL,
    "accept_due_at" TIMESTAMPTZ,
    "arrive_due_at" TIMESTAMPTZ,
    "due_at" TIMESTAMPTZ,
    "accepted_at" TIMESTAMPTZ,
    "accepted_by_id" INT,
    "arrived_at" TIMESTAMPTZ,
    "arrived_in_time" BOOL,
    "arrival" VARCHAR(12) NOT NULL,
    "lon" DOUBLE PRECISION,
    "lat" DOUBLE PRECISION,
    "done_at" TIMESTAMPTZ,
    "done_by_id" INT,
    "result" TEXT NOT NULL,
    "call_id" BIGINT REFERENCES "case_call" ("id") ON DELETE RESTRICT,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    "unit_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_case_task_unit_id_21da12" ON "case_task" ("unit_id", "stage", "id");
CREATE INDEX "idx_case_task_case_id_82cca1" ON "case_task" ("case_id", "part");
CREATE INDEX "idx_case_task_call_id_a2671a" ON "case_task" ("call_id");
COMMENT ON TABLE "case_task" IS '任务';
CREATE TABLE "token" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "hash" VARCHAR(64) NOT NULL UNIQUE,
    "purpose" VARCHAR(8) NOT NULL,
    "face" VARCHAR(8) NOT NULL,
    "family" UUID NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "revoked_at" TIMESTAMPTZ,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_token_family_96bda2" ON "token" ("family");
CREATE INDEX "idx_token_expires_cba27c" ON "token" ("expires_at");
CREATE INDEX "idx_token_account_19c449" ON "token" ("account_id");
COMMENT ON TABLE "token" IS '凭证';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0001_initial', now());
CREATE UNIQUE INDEX case_task_one_lead ON case_task (case_id) WHERE part = 'lead' AND stage NOT IN ('returned', 'waived');
CREATE UNIQUE INDEX list_version_one_per_start ON list_version (list_id, starts_at) WHERE state = 'published';
CREATE UNIQUE INDEX place_generation_one_per_start ON place_generation (starts_at) WHERE state = 'published';
CREATE INDEX outbox_delivery_dead ON outbox_delivery (id) WHERE due_at IS NULL;
CREATE INDEX case_file_open ON case_file (id) WHERE stage NOT IN ('closed', 'archived', 'declined', 'merged', 'withdrawn');
ALTER TABLE case_file ADD CONSTRAINT case_file_lead_after_dispatch CHECK (stage NOT IN ('dispatched', 'handling') OR lead_id IS NOT NULL);
ALTER TABLE appraisal ADD CONSTRAINT appraisal_scale CHECK (satisfaction BETWEEN 1 AND 5);
CREATE FUNCTION case_step_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'case_step is append-only'; END $$;
CREATE TRIGGER case_step_append_only BEFORE UPDATE OR DELETE ON case_step FOR EACH ROW EXECUTE FUNCTION case_step_is_append_only();
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0002_constraints', now());
CREATE TABLE "conference" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "unit_ids" JSONB NOT NULL,
    "convened_at" TIMESTAMPTZ NOT NULL,
    "convened_by_id" INT,
    "due_at" TIMESTAMPTZ NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "decided_by_id" INT,
    "lead_id" INT,
    "minutes" TEXT NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_conference_case_id_e6fe36" ON "conference" ("case_id", "id");
CREATE INDEX "idx_conference_decided_bd4921" ON "conference" ("decided_at", "due_at");
COMMENT ON TABLE "conference" IS '联席会议';
CREATE TABLE "case_instruction" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "by_id" INT NOT NULL,
    "unit_id" INT,
    "at" TIMESTAMPTZ NOT NULL,
    "text" TEXT NOT NULL,
    "reply_due_at" TIMESTAMPTZ NOT NULL,
    "reply" TEXT NOT NULL,
    "replied_at" TIMESTAMPTZ,
    "replied_by_id" INT,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_case_instru_case_id_14a562" ON "case_instruction" ("case_id", "id");
CREATE INDEX "idx_case_instru_by_id_0b1d01" ON "case_instruction" ("by_id", "id");
CREATE INDEX "idx_case_instru_unit_id_bc20ab" ON "case_instruction" ("unit_id", "replied_at");
COMMENT ON TABLE "case_instruction" IS '批示';
CREATE TABLE "case_merge" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "into_id" BIGINT NOT NULL,
    "by_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "before" JSONB NOT NULL,
    "undone_at" TIMESTAMPTZ,
    "undone_by_id" INT,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_case_merge_case_id_aacb08" ON "case_merge" ("case_id", "id");
CREATE INDEX "idx_case_merge_into_id_05471f" ON "case_merge" ("into_id");
COMMENT ON TABLE "case_merge" IS '并案记录';
CREATE TABLE "precedent" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "matter_code" VARCHAR(20) NOT NULL,
    "matter_name" VARCHAR(120) NOT NULL,
    "case_no" VARCHAR(24) NOT NULL,
    "text" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ NOT NULL,
    "lead_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_precedent_matter__144212" ON "precedent" ("matter_code");
COMMENT ON TABLE "precedent" IS '先例';
CREATE TABLE "list_adjustment" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "matter_code" VARCHAR(20) NOT NULL,
    "matter_name" VARCHAR(120) NOT NULL,
    "ground" VARCHAR(16) NOT NULL,
    "text" TEXT NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "precedent_id" INT REFERENCES "precedent" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_list_adjust_matter__45f490" ON "list_adjustment" ("matter_code");
COMMENT ON TABLE "list_adjustment" IS '清单调整建议';
CREATE TABLE "case_request" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "what" VARCHAR(8) NOT NULL,
    "unit_id" INT,
    "by_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "reason" TEXT NOT NULL,
    "terms" JSONB NOT NULL,
    "granted" BOOL,
    "answered_at" TIMESTAMPTZ,
    "answered_by_id" INT,
    "answer" TEXT NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_case_reques_case_id_37781a" ON "case_request" ("case_id", "id");
CREATE INDEX "idx_case_reques_granted_cbd7ff" ON "case_request" ("granted", "id");
COMMENT ON TABLE "case_request" IS '申请';
CREATE TABLE "case_return" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "unit_id" INT NOT NULL,
    "part" VARCHAR(12) NOT NULL,
    "task_stage" VARCHAR(12) NOT NULL,
    "ground" VARCHAR(16) NOT NULL,
    "reason" TEXT NOT NULL,
    "proper_unit_id" INT NOT NULL,
    "by_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "ruled_at" TIMESTAMPTZ,
    "ruled_by_id" INT,
    "upheld" BOOL,
    "ruling" TEXT NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    "task_id" BIGINT NOT NULL REFERENCES "case_task" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_case_return_case_id_12f47a" UNIQUE ("case_id", "unit_id")
);
CREATE INDEX "idx_case_return_proper__465995" ON "case_return" ("proper_unit_id");
CREATE INDEX "idx_case_return_task_id_3b2510" ON "case_return" ("task_id");
COMMENT ON TABLE "case_return" IS '退单';
CREATE TABLE "roster_shift" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "township_code" VARCHAR(20) NOT NULL,
    "day" DATE,
    "weekday" SMALLINT,
    "shift" VARCHAR(12) NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_roster_shif_account_3d200a" ON "roster_shift" ("account_id");
CREATE INDEX "idx_roster_shif_townshi_e356d8" ON "roster_shift" ("township_code", "day");
COMMENT ON TABLE "roster_shift" IS '坐堂值班';
CREATE TABLE "case_statement" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "unit_id" INT NOT NULL,
    "by_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "text" TEXT NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_case_statem_case_id_7cbb93" ON "case_statement" ("case_id", "id");
COMMENT ON TABLE "case_statement" IS '陈述';
CREATE TABLE "team_member" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "township_code" VARCHAR(20) NOT NULL,
    "standing" VARCHAR(8) NOT NULL,
    "contact" VARCHAR(80) NOT NULL,
    "phone" VARCHAR(40) NOT NULL,
    "unit_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_team_member_townshi_e62442" UNIQUE ("township_code", "unit_id")
);
COMMENT ON TABLE "team_member" IS '镇街联合执法队伍';
CREATE TABLE "case_verification" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "assignee_id" INT NOT NULL,
    "asked_by_id" INT,
    "question" TEXT NOT NULL,
    "given_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "done_at" TIMESTAMPTZ,
    "found" BOOL,
    "note" TEXT NOT NULL,
    "lon" DOUBLE PRECISION,
    "lat" DOUBLE PRECISION,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_case_verifi_assigne_79d56e" ON "case_verification" ("assignee_id", "done_at");
CREATE INDEX "idx_case_verifi_case_id_fc07b2" ON "case_verification" ("case_id", "id");
COMMENT ON TABLE "case_verification" IS '核实';
CREATE TABLE "case_watch" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "since" TIMESTAMPTZ NOT NULL,
    "note" TEXT NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_case_watch_account_d4dd72" UNIQUE ("account_id", "case_id")
);
CREATE INDEX "idx_case_watch_case_id_42a8f0" ON "case_watch" ("case_id");
COMMENT ON TABLE "case_watch" IS '领导关注';
DROP INDEX "idx_case_file_grid_co_7c9362";
ALTER TABLE "case_file" ADD COLUMN "exempted_at" TIMESTAMPTZ;
ALTER TABLE "case_file" ADD COLUMN "first_unit_id" INT;
ALTER TABLE "case_file" ADD COLUMN "merged_into_id" BIGINT;
ALTER TABLE "case_file" ADD COLUMN "n_extend" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "case_file" ADD COLUMN "n_suspend" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "case_file" ADD COLUMN "notice" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "case_file" ADD COLUMN "objected_at" TIMESTAMPTZ;
ALTER TABLE "case_file" ADD COLUMN "overdue_at" TIMESTAMPTZ;
ALTER TABLE "case_file" ADD COLUMN "paused_s" INT;
ALTER TABLE "case_file" ADD COLUMN "self_handled" BOOL NOT NULL DEFAULT FALSE;
ALTER TABLE "case_file" ADD COLUMN "suspended_until" TIMESTAMPTZ;
ALTER TABLE "case_file" ADD COLUMN "timers" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "case_file" ADD COLUMN "wake_at" TIMESTAMPTZ;
CREATE INDEX "idx_case_file_grid_co_ae1b59" ON "case_file" ("grid_code", "id");
ALTER TABLE "case_check" ADD COLUMN "passed_over" JSONB NOT NULL DEFAULT '[]';
CREATE INDEX "idx_case_check_assigne_89e2e9" ON "case_check" ("assignee_id", "case_id");
ALTER TABLE "inbox" ADD COLUMN "loud_seq" INT NOT NULL DEFAULT 0;
ALTER TABLE "case_step" ADD COLUMN "way" VARCHAR(16) NOT NULL DEFAULT '';
DROP INDEX "idx_case_task_unit_id_21da12";
DROP INDEX "idx_case_task_case_id_82cca1";
ALTER TABLE "case_task" ADD COLUMN "accepted_by_clock" BOOL NOT NULL DEFAULT FALSE;
ALTER TABLE "case_task" ADD COLUMN "exempted_at" TIMESTAMPTZ;
ALTER TABLE "case_task" ADD COLUMN "late_at" TIMESTAMPTZ;
ALTER TABLE "case_task" ADD COLUMN "overdue_at" TIMESTAMPTZ;
ALTER TABLE "case_task" ADD COLUMN "platform" VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE "case_task" ADD COLUMN "position" SMALLINT;
ALTER TABLE "case_task" ADD COLUMN "refunded" BOOL NOT NULL DEFAULT FALSE;
ALTER TABLE "case_task" ADD COLUMN "step" VARCHAR(120) NOT NULL DEFAULT '';
ALTER TABLE "case_task" ADD COLUMN "wake_at" TIMESTAMPTZ;
CREATE INDEX "idx_case_task_unit_id_bf1f10" ON "case_task" ("unit_id", "case_id");
CREATE INDEX "idx_case_task_case_id_b9e7b9" ON "case_task" ("case_id", "unit_id");
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0003_whole_life', now());
CREATE INDEX case_file_wake ON case_file (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX case_task_wake ON case_task (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX case_task_board ON case_task (unit_id, stage, (coalesce(due_at, '2099-12-31T00:00:00Z'::timestamptz)), id);
CREATE INDEX case_file_open_stage ON case_file (stage, id) WHERE stage NOT IN ('closed', 'archived', 'declined', 'merged', 'withdrawn');
DROP INDEX case_file_open;
CREATE INDEX case_file_open ON case_file (id) INCLUDE (stage, due_at, township_code) WHERE stage NOT IN ('closed', 'archived', 'declined', 'merged', 'withdrawn');
CREATE INDEX case_file_to_confirm ON case_file (id) WHERE place @> '{"confirm": true}' AND stage IN ('submitted', 'verifying', 'filed', 'dispatched');
CREATE INDEX case_file_merged ON case_file (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX case_return_open ON case_return (due_at, id) WHERE upheld IS NULL;
CREATE UNIQUE INDEX case_request_one_open ON case_request (case_id, what) WHERE granted IS NULL;
CREATE UNIQUE INDEX conference_one_open ON conference (case_id) WHERE decided_at IS NULL;
CREATE UNIQUE INDEX case_verification_one_open ON case_verification (case_id) WHERE done_at IS NULL;
ALTER TABLE roster_shift ADD CONSTRAINT roster_shift_day_or_weekday CHECK ((day IS NULL) <> (weekday IS NULL) AND weekday BETWEEN 0 AND 6);
CREATE UNIQUE INDEX roster_shift_once ON roster_shift (township_code, shift, account_id, coalesce(day, '-infinity'), coalesce(weekday, -1));
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0004_whole_life_constraints', now());
CREATE TABLE "list_confirmation" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "case_no" VARCHAR(24) NOT NULL UNIQUE,
    "matter_code" VARCHAR(20) NOT NULL,
    "suggested_code" VARCHAR(20) NOT NULL,
    "grams" JSONB NOT NULL,
    "band" VARCHAR(10) NOT NULL,
    "township_code" VARCHAR(20) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_list_confir_matter__6e02db" ON "list_confirmation" ("matter_code");
COMMENT ON TABLE "list_confirmation" IS '派遣确认';
CREATE TABLE "list_experience" (
    "matter_code" VARCHAR(20) NOT NULL  PRIMARY KEY,
    "n" INT NOT NULL,
    "grams" JSONB NOT NULL,
    "bands" JSONB NOT NULL,
    "townships" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "list_experience" IS '派遣经验';
CREATE TABLE "list_source" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "data" BYTEA NOT NULL,
    "version_id" INT NOT NULL UNIQUE REFERENCES "list_version" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "list_source" IS '清单来源文件';
CREATE TABLE "list_word" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "matter_code" VARCHAR(20) NOT NULL,
    "word" VARCHAR(40) NOT NULL,
    "state" VARCHAR(10) NOT NULL,
    "source" VARCHAR(10) NOT NULL,
    "n_cases" INT NOT NULL,
    "proposed_at" TIMESTAMPTZ NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "decided_by_id" INT,
    CONSTRAINT "uid_list_word_matter__8f26fe" UNIQUE ("matter_code", "word")
);
CREATE INDEX "idx_list_word_state_fc59a4" ON "list_word" ("state", "id");
COMMENT ON TABLE "list_word" IS '群众常用说法';
ALTER TABLE "list_entry" ADD COLUMN "extras" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "list_entry" ADD COLUMN "found_by" TEXT[] NOT NULL DEFAULT '{}';
ALTER TABLE "list_entry" ADD COLUMN "tags" JSONB NOT NULL DEFAULT '[]';
CREATE INDEX "idx_list_entry_lead_id_146741" ON "list_entry" ("lead_id");
CREATE INDEX "idx_list_entry_domain_7120d9" ON "list_entry" ("domain");
CREATE INDEX "idx_list_entry__unit_id_ffb5c2" ON "list_entry_unit" ("unit_id");
ALTER TABLE "list_version" ADD COLUMN "answers" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "list_version" ADD COLUMN "layout" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "list_version" ADD COLUMN "questions" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "list_version" ADD COLUMN "submitted_at" TIMESTAMPTZ;
ALTER TABLE "list_version" ADD COLUMN "submitted_by_id" INT;
CREATE INDEX list_entry_found_by ON list_entry USING gin (found_by);
CREATE INDEX list_entry_tags ON list_entry USING gin (tags jsonb_path_ops);
CREATE INDEX case_file_closed_at ON case_file (closed_at) WHERE closed_at IS NOT NULL;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0005_lists', now());
CREATE TABLE "patrol" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "key" UUID NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "consented_at" TIMESTAMPTZ,
    "metres" DOUBLE PRECISION NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_patrol_account_65a7ac" UNIQUE ("account_id", "key")
);
COMMENT ON TABLE "patrol" IS '巡查';
CREATE TABLE "patrol_point" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "lon" DOUBLE PRECISION NOT NULL,
    "lat" DOUBLE PRECISION NOT NULL,
    "accuracy" DOUBLE PRECISION,
    "patrol_id" BIGINT NOT NULL REFERENCES "patrol" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_patrol_poin_patrol__d9d2bc" UNIQUE ("patrol_id", "at")
);
CREATE INDEX "idx_patrol_poin_at_c4f3b6" ON "patrol_point" ("at");
COMMENT ON TABLE "patrol_point" IS '巡查轨迹点';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0006_patrols', now());
CREATE TABLE "off_list_burden" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "stage" VARCHAR(12) NOT NULL,
    "form" VARCHAR(16) NOT NULL,
    "title" VARCHAR(120) NOT NULL,
    "text" TEXT NOT NULL,
    "document" VARCHAR(120) NOT NULL,
    "by_id" INT NOT NULL,
    "due_at" TIMESTAMPTZ,
    "reminded_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "against_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE RESTRICT,
    "unit_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_off_list_bu_unit_id_068e3a" ON "off_list_burden" ("unit_id", "id");
CREATE INDEX "idx_off_list_bu_against_85e9a0" ON "off_list_burden" ("against_id", "id");
COMMENT ON TABLE "off_list_burden" IS '清单外负担异议';
CREATE TABLE "governance_event" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "noun" VARCHAR(8) NOT NULL,
    "noun_id" INT NOT NULL,
    "seq" INT NOT NULL,
    "verb" VARCHAR(12) NOT NULL,
    "source" VARCHAR(12) NOT NULL,
    "target" VARCHAR(12) NOT NULL,
    "by_id" INT,
    "unit_id" INT,
    "at" TIMESTAMPTZ NOT NULL,
    "text" TEXT NOT NULL,
    CONSTRAINT "uid_governance__noun_0811b6" UNIQUE ("noun", "noun_id", "seq")
);
COMMENT ON TABLE "governance_event" IS '清单治理流转记录';
CREATE TABLE "list_proposal" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(12) NOT NULL,
    "stage" VARCHAR(12) NOT NULL,
    "list_type" VARCHAR(32) NOT NULL,
    "matter_code" VARCHAR(20) NOT NULL,
    "matter_name" VARCHAR(120) NOT NULL,
    "by_id" INT NOT NULL,
    "ground" VARCHAR(20) NOT NULL,
    "reason" TEXT NOT NULL,
    "change" JSONB NOT NULL,
    "support" JSONB NOT NULL DEFAULT '{}',
    "until" TIMESTAMPTZ,
    "round" SMALLINT NOT NULL,
    "due_at" TIMESTAMPTZ,
    "reminded_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "version_id" INT,
    "unit_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_list_propos_unit_id_f33d4b" ON "list_proposal" ("unit_id");
CREATE INDEX "idx_list_propos_kind_03daf4" ON "list_proposal" ("kind", "id");
CREATE INDEX "idx_list_propos_matter__72c584" ON "list_proposal" ("matter_code", "kind");
COMMENT ON TABLE "list_proposal" IS '准入、调整、退出申请';
CREATE TABLE "list_opinion" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "round" SMALLINT NOT NULL,
    "stance" VARCHAR(8) NOT NULL,
    "text" TEXT NOT NULL,
    "by_id" INT,
    "at" TIMESTAMPTZ,
    "proposal_id" INT NOT NULL REFERENCES "list_proposal" ("id") ON DELETE CASCADE,
    "unit_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_list_opinio_proposa_d57959" UNIQUE ("proposal_id", "round", "unit_id")
);
CREATE INDEX "idx_list_opinio_unit_id_9812b7" ON "list_opinion" ("unit_id", "stance");
COMMENT ON TABLE "list_opinion" IS '书面意见';
CREATE TABLE "unit_change" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(8) NOT NULL,
    "was" VARCHAR(80) NOT NULL,
    "now" VARCHAR(80) NOT NULL,
    "document" VARCHAR(120) NOT NULL,
    "by_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "unit_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_unit_change_unit_id_4d303c" ON "unit_change" ("unit_id");
COMMENT ON TABLE "unit_change" IS '单位更名与合并';
ALTER TABLE "matter" ADD COLUMN "admitted_until" TIMESTAMPTZ;
ALTER TABLE "unit" ADD COLUMN "successor_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT;
CREATE FUNCTION governance_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER governance_event_append_only BEFORE UPDATE OR DELETE ON governance_event FOR EACH ROW EXECUTE FUNCTION governance_history_is_append_only();
CREATE TRIGGER unit_change_append_only BEFORE UPDATE OR DELETE ON unit_change FOR EACH ROW EXECUTE FUNCTION governance_history_is_append_only();
CREATE INDEX unit_successor ON unit (successor_id);
CREATE INDEX list_proposal_due ON list_proposal (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX off_list_burden_due ON off_list_burden (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX list_proposal_approved ON list_proposal (list_type, id) WHERE stage = 'approved';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0007_governance', now());
CREATE TABLE "shown_duty" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "unit_id" INT NOT NULL,
    "entry_id" BIGINT NOT NULL,
    "number" SMALLINT NOT NULL,
    "duty" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "steps" JSONB NOT NULL,
    "photos" JSONB NOT NULL,
    "by_id" INT NOT NULL,
    "by_role" VARCHAR(16) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_shown_duty_case_id_2664da" ON "shown_duty" ("case_id", "unit_id", "id");
COMMENT ON TABLE "shown_duty" IS '尽职举证';
CREATE FUNCTION shown_duty_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'shown_duty is append-only'; END $$;
CREATE TRIGGER shown_duty_append_only BEFORE UPDATE OR DELETE ON shown_duty FOR EACH ROW EXECUTE FUNCTION shown_duty_is_append_only();
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0008_diligence', now());
ALTER TABLE "case_file" ADD COLUMN "overruns" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "case_task" ADD COLUMN "overruns" JSONB NOT NULL DEFAULT '[]';
UPDATE case_file SET overruns = jsonb_build_array(overdue_at) WHERE overdue_at IS NOT NULL;UPDATE case_task SET overruns = jsonb_build_array(overdue_at) WHERE overdue_at IS NOT NULL;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0009_overruns', now());
ALTER TABLE "case_file" ADD COLUMN "about_unit_id" INT;
ALTER TABLE "case_task" ADD COLUMN "earlier_calls" JSONB NOT NULL DEFAULT '[]';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0010_recusal', now());
ALTER TABLE "list_entry" ADD COLUMN "township_until" TIMESTAMPTZ;
UPDATE list_entry SET township_until = admitted_until FROM matter WHERE matter.id = matter_id AND admitted_until IS NOT NULL;
ALTER TABLE "matter" DROP COLUMN "admitted_until" CASCADE;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0011_terms_of_entries', now());
ALTER TABLE case_step DISABLE TRIGGER case_step_append_only;
UPDATE case_step SET by_role = 'reporter', unit_id = NULL
WHERE verb = 'report'
  OR (verb IN ('supplement', 'object', 'withdraw', 'confirm_place', 'appraise', 'redo')
    AND EXISTS (SELECT FROM case_follower f
      WHERE f.case_id = case_step.case_id AND f.account_id = case_step.by_id AND f.reporter))
  OR (verb = 'ask' AND EXISTS (SELECT FROM case_request r
      WHERE r.case_id = case_step.case_id AND r.by_id = case_step.by_id AND r.at = case_step.at
        AND r.what = 'redo'));
UPDATE case_step SET way = 'redo' WHERE verb = 'ask' AND by_role = 'reporter';
ALTER TABLE case_step ENABLE TRIGGER case_step_append_only;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0012_reporters', now());
CREATE TABLE "known_address" (
    "key" VARCHAR(80) NOT NULL  PRIMARY KEY,
    "last_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_known_addre_last_at_4d3e98" ON "known_address" ("last_at");
COMMENT ON TABLE "known_address" IS '常用登录地址';
ALTER TABLE "sign_in_throttle" DROP COLUMN "n_failures" CASCADE;
ALTER TABLE "sign_in_throttle" ADD COLUMN "n_failures" DOUBLE PRECISION NOT NULL;
ALTER TABLE "live_ticket" ADD COLUMN "family" UUID;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0013_known_address', now());
ALTER TABLE "list_adjustment" ALTER COLUMN "matter_name" TYPE VARCHAR(500);
ALTER TABLE "case_file" ALTER COLUMN "matter_name" TYPE VARCHAR(500);
ALTER TABLE "list_entry" ALTER COLUMN "name" TYPE VARCHAR(500);
ALTER TABLE "list_entry" ADD COLUMN "short_title" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE "matter" ALTER COLUMN "name" TYPE VARCHAR(500);
ALTER TABLE "precedent" ALTER COLUMN "matter_name" TYPE VARCHAR(500);
ALTER TABLE "list_proposal" ALTER COLUMN "matter_name" TYPE VARCHAR(500);
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0014_long_names', now());
CREATE TABLE "case_words" (
    "case_id" BIGINT NOT NULL  PRIMARY KEY,
    "words" TEXT NOT NULL
);
COMMENT ON TABLE "case_words" IS '案件检索词';
CREATE FUNCTION lexemes_of(words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $lexemes$
SELECT array_to_tsvector(coalesce(array_agg(DISTINCT lexeme), '{}'))
FROM unnest(string_to_array(words, ' ')) AS run, LATERAL (
  SELECT run AS lexeme WHERE left(run, 1) IN ('#', '<', '>')
  UNION ALL
  SELECT letter || coalesce(lead(letter) OVER (ORDER BY place), '')
  FROM unnest(string_to_array(run, NULL)) WITH ORDINALITY AS letters(letter, place)
  WHERE left(run, 1) NOT IN ('#', '<', '>')) AS found
$lexemes$;
ALTER TABLE case_words ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (lexemes_of(words)) STORED;
ALTER TABLE case_words ADD CONSTRAINT case_words_case FOREIGN KEY (case_id) REFERENCES case_file (id) ON DELETE CASCADE;
CREATE INDEX case_words_lexemes ON case_words USING gin (lexemes);
CREATE INDEX case_file_village ON case_file (village_code, id);
CREATE INDEX case_file_matter ON case_file (matter_code, id);
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0015_words_of_cases', now());
UPDATE list_entry SET found_by = found_by || ARRAY(
  SELECT DISTINCT letter FROM unnest(found_by || ARRAY(
    SELECT lower(said) FROM jsonb_array_elements_text(words || tags) AS said WHERE length(said) = 1
  )) AS gram, unnest(string_to_array(gram, NULL)) AS letter
);
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0016_single_characters', now());
ALTER TABLE "case_step" ADD COLUMN "content_hash" VARCHAR(64) NOT NULL DEFAULT '';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0017_content_of_steps', now());
CREATE TABLE "unit_plan" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(80) NOT NULL,
    "was" VARCHAR(80) NOT NULL,
    "document" VARCHAR(120) NOT NULL,
    "stage" VARCHAR(10) NOT NULL,
    "by_id" INT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "decided_by_id" INT,
    "decided_at" TIMESTAMPTZ,
    "moved" JSONB NOT NULL,
    "into_id" INT REFERENCES "unit" ("id") ON DELETE RESTRICT,
    "unit_id" INT NOT NULL REFERENCES "unit" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_unit_plan_unit_id_d88467" ON "unit_plan" ("unit_id");
CREATE INDEX "idx_unit_plan_into_id_1d7ffb" ON "unit_plan" ("into_id");
COMMENT ON TABLE "unit_plan" IS '单位更名与合并方案';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0018_unit_plans', now());
ALTER TABLE "inbox_message" ADD COLUMN "read" BOOL NOT NULL DEFAULT FALSE;
CREATE INDEX inbox_message_read ON inbox_message (account_id, seq) WHERE read;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0019_messages_read', now());
CREATE INDEX "idx_case_call_caller__f78fab" ON "case_call" ("caller_unit_id", "id");
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0020_own_calls', now());
CREATE INDEX case_step_appraised ON case_step (case_id, version) WHERE verb = 'appraise';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0021_appraised_steps', now());
DROP INDEX case_file_open;
CREATE INDEX case_file_open ON case_file (id) INCLUDE (stage, due_at, township_code, about_unit_id);
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0022_own_cases', now());
CREATE TABLE "case_onlooker" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
    "case_id" BIGINT NOT NULL REFERENCES "case_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_case_onlook_case_id_377fca" UNIQUE ("case_id", "account_id")
);
CREATE INDEX "idx_case_onlook_at_aeb343" ON "case_onlooker" ("at");
CREATE INDEX "idx_case_onlook_account_502c5a" ON "case_onlooker" ("account_id");
COMMENT ON TABLE "case_onlooker" IS '正在查看的人';
CREATE TABLE "saved_view" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "unit_id" INT,
    "name" VARCHAR(40) NOT NULL,
    "query" VARCHAR(1000) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_saved_view_account_d4d9b4" UNIQUE ("account_id", "name")
);
CREATE INDEX "idx_saved_view_unit_id_b4d993" ON "saved_view" ("unit_id", "id");
COMMENT ON COLUMN "saved_view"."unit_id" IS 'The unit that it is shared with.';
COMMENT ON TABLE "saved_view" IS '视图';
CREATE INDEX case_file_received ON case_file USING brin (received_at) WITH (pages_per_range = 16);
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0023_desk', now());
CREATE TABLE "standard_text" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(10) NOT NULL,
    "matter_code" VARCHAR(20) NOT NULL,
    "text" VARCHAR(500) NOT NULL,
    "kept_at" TIMESTAMPTZ NOT NULL,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_standard_te_kind_a62501" UNIQUE ("kind", "matter_code", "text")
);
CREATE INDEX "idx_standard_te_account_9c438c" ON "standard_text" ("account_id");
COMMENT ON COLUMN "standard_text"."matter_code" IS 'Of which matter; empty for whichever.';
COMMENT ON COLUMN "standard_text"."account_id" IS 'Who kept it last.';
COMMENT ON TABLE "standard_text" IS '标准用语';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0024_standard_texts', now());
CREATE INDEX case_step_supervised ON case_step (case_id) WHERE verb = 'supervise';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0025_supervised_steps', now());
DROP INDEX case_file_received;
CREATE INDEX case_file_received ON case_file (received_at, id);
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0026_received_in_order', now());
CREATE TABLE "account_leave" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "since" TIMESTAMPTZ NOT NULL,
    "until" TIMESTAMPTZ NOT NULL,
    "reason" VARCHAR(80) NOT NULL,
    "by_id" INT,
    "at" TIMESTAMPTZ NOT NULL,
    "begun_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "ended_by_id" INT,
    "account_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT,
    "substitute_id" INT NOT NULL REFERENCES "account" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_account_lea_account_bf90aa" ON "account_leave" ("account_id", "ended_at");
CREATE INDEX "idx_account_lea_substit_a565ef" ON "account_leave" ("substitute_id", "ended_at");
COMMENT ON TABLE "account_leave" IS '请假与代班';
ALTER TABLE "account" ADD COLUMN "substitute_id" INT REFERENCES "account" ("id") ON DELETE RESTRICT;
CREATE UNIQUE INDEX account_leave_one_running ON account_leave (account_id) WHERE begun_at IS NOT NULL AND ended_at IS NULL;
ALTER TABLE account_leave ADD CONSTRAINT account_leave_in_order CHECK (since < until);
ALTER TABLE account ADD CONSTRAINT account_substitute_is_another CHECK (substitute_id <> id);
CREATE INDEX account_substitute ON account (substitute_id) WHERE substitute_id IS NOT NULL;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0027_leaves', now());
ALTER TABLE "case_task" ADD COLUMN "assignee_id" INT;
CREATE INDEX case_task_assignee ON case_task (assignee_id) WHERE assignee_id IS NOT NULL;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0028_assignees', now());
CREATE TABLE "tap" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "account_id" INT NOT NULL,
    "hash" VARCHAR(64) NOT NULL,
    "said" VARCHAR(64) NOT NULL,
    "thing" VARCHAR(64) NOT NULL,
    "area" VARCHAR(40) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "unit_id" INT,
    "begun_at" TIMESTAMPTZ,
    "done_at" TIMESTAMPTZ,
    "status" SMALLINT NOT NULL,
    "answer" BYTEA NOT NULL,
    CONSTRAINT "uid_tap_account_0c4dcc" UNIQUE ("account_id", "hash")
);
CREATE INDEX "idx_tap_thing_4bb1b0" ON "tap" ("thing");
CREATE INDEX "idx_tap_done_at_ad76d0" ON "tap" ("done_at");
COMMENT ON TABLE "tap" IS '刚才做过的操作';
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0029_taps', now());
ALTER TABLE "photo" ADD COLUMN "datum" VARCHAR(8) NOT NULL;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0030_photo_datum', now());
ALTER TABLE "unit_change" ADD COLUMN "proposed_by_id" INT;
ALTER TABLE "unit_plan" ADD COLUMN "undoes_id" INT REFERENCES "unit_plan" ("id") ON DELETE RESTRICT;
CREATE INDEX "idx_unit_plan_undoes__5c46f9" ON "unit_plan" ("undoes_id");
WITH undone AS (
  SELECT plan.*, done.by_id AS confirmed_by_id, done.at AS confirmed_at
  FROM unit_plan AS plan JOIN LATERAL (
    SELECT by_id, at FROM unit_change
    WHERE unit_id = plan.unit_id AND kind IN ('renamed', 'merged')
      AND at >= plan.at AND at < plan.decided_at
    ORDER BY id DESC LIMIT 1) AS done ON true
  WHERE plan.stage = 'undone'
), told AS (
  INSERT INTO unit_plan (unit_id, into_id, name, was, document, stage, by_id, at, decided_by_id,
                         decided_at, moved, undoes_id)
  SELECT unit_id, into_id, was, coalesce(nullif(name, ''), was), document, 'done', decided_by_id,
         decided_at, decided_by_id, decided_at, '{}', id
  FROM undone
)
UPDATE unit_plan SET decided_by_id = confirmed_by_id, decided_at = confirmed_at
FROM undone WHERE unit_plan.id = undone.id;
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('models', '0031_undoing', now());
