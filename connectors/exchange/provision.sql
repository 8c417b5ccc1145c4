-- Exchange tables of an urban management department, and two roles that may do no more than their part.
--
-- The other side's administrator runs this once in the exchange database (it belongs to neither the hub nor the
-- department's own system), then gives both roles a password. Other names of tables and columns are as good: the
-- department's file says which they are. It may be run again.
--
--   派遣单 orders to the department      written by the hub; the department marks them and never changes them
--   反馈单 answers of the department     written by the department; the hub marks them and never changes them
--
-- A row becomes visible with its commit. Whoever cannot write a row at once sets 写入标志 to '1' last.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'exchange_hub') THEN CREATE ROLE exchange_hub LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'exchange_department') THEN CREATE ROLE exchange_department LOGIN; END IF;
END $$;

CREATE SCHEMA IF NOT EXISTS "交换";

CREATE TABLE IF NOT EXISTS "交换"."派遣单" (
    "序号"     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "单号"     text NOT NULL UNIQUE,            -- the hub's key: the same order has the same one, for ever
    "业务类型" text NOT NULL,                   -- 派遣 召集 催办 督办 返工 延期批准 延期不批准 撤销 结案
    "案件编号" text NOT NULL,
    "案件标识" text NOT NULL,
    "事项代码" text, "立案条件" text, "区划代码" text, "网格编码" text, "地址" text,
    "经度" double precision, "纬度" double precision, "部件编码" text,
    "承办角色" text, "牵头单位" text, "上报单位" text,
    "派遣时间" timestamp(0), "截止时间" timestamp(0), "到场时限" integer, "原因" text, "督办级别" text,
    "情况描述" text,
    "校验码"   text NOT NULL,                   -- MD5 of 单号|案件编号|业务类型|情况描述, UTF-8
    "写入时间" timestamp(0) NOT NULL,
    "状态"     text NOT NULL DEFAULT '0' CHECK ("状态" IN ('0', '1', '2', '8', '9')),  -- 未读 已读 已签收 拒收已知 拒收
    "读取时间" timestamptz, "签收时间" timestamptz, "拒收原因" text,
    "城管编号" text                             -- the department's own number of the case
);

CREATE TABLE IF NOT EXISTS "交换"."反馈单" (
    "序号"     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "批次号"   text,
    "消息编号" text,                            -- the department's own number of this message
    "案件编号" text,
    "状态词"   text,
    "情况说明" text, "原因" text, "期限" timestamp(0), "处置人员" text,
    "发生时间" timestamp(0),
    "写入标志" text DEFAULT '0',
    "校验码"   text,                            -- MD5 of 消息编号|案件编号|状态词|情况说明|发生时间, UTF-8
    "写入时间" timestamptz NOT NULL DEFAULT clock_timestamp(),
    "状态"     text NOT NULL DEFAULT '0' CHECK ("状态" IN ('0', '1', '2', '9')),       -- 未读 领取 已读 拒收
    "读取者"   text, "领取时间" timestamptz, "读取时间" timestamptz,
    "回执"     text,                            -- why a row was refused, or what else there is to say of it
    "内容摘要" text                             -- SHA-256 of what was read
);

CREATE TABLE IF NOT EXISTS "交换"."派遣附件" (
    "单号" text NOT NULL REFERENCES "交换"."派遣单" ("单号"),
    "文件名" text NOT NULL, "文件类型" text NOT NULL, "内容" bytea NOT NULL,
    PRIMARY KEY ("单号", "文件名")
);

CREATE TABLE IF NOT EXISTS "交换"."反馈附件" (
    "消息编号" text NOT NULL, "文件名" text NOT NULL, "文件类型" text NOT NULL, "内容" bytea NOT NULL,
    PRIMARY KEY ("消息编号", "文件名")
);

CREATE INDEX IF NOT EXISTS "反馈单_未完" ON "交换"."反馈单" ("序号") WHERE "状态" IN ('0', '1');
CREATE INDEX IF NOT EXISTS "反馈单_内容" ON "交换"."反馈单" ("内容摘要");
CREATE INDEX IF NOT EXISTS "反馈单_消息" ON "交换"."反馈单" ("消息编号");
CREATE INDEX IF NOT EXISTS "反馈单_读取" ON "交换"."反馈单" ("读取时间") WHERE "状态" = '2';
CREATE INDEX IF NOT EXISTS "派遣单_未完" ON "交换"."派遣单" ("序号") WHERE "状态" IN ('0', '1', '9');

REVOKE ALL ON ALL TABLES IN SCHEMA "交换" FROM PUBLIC;
GRANT USAGE ON SCHEMA "交换" TO exchange_hub, exchange_department;
GRANT SELECT ON ALL TABLES IN SCHEMA "交换" TO exchange_hub, exchange_department;

-- The hub writes orders, and of them later nothing but that it knows of a refusal; of answers it writes its marks alone.
GRANT INSERT ON "交换"."派遣单", "交换"."派遣附件" TO exchange_hub;
GRANT UPDATE ("状态") ON "交换"."派遣单" TO exchange_hub;
GRANT UPDATE ("状态", "读取者", "领取时间", "读取时间", "回执", "内容摘要") ON "交换"."反馈单" TO exchange_hub;

-- The department writes answers, may complete them, and marks orders. Nobody deletes.
GRANT INSERT ("批次号", "消息编号", "案件编号", "状态词", "情况说明", "原因", "期限", "处置人员", "发生时间", "写入标志", "校验码")
    ON "交换"."反馈单" TO exchange_department;
GRANT UPDATE ("批次号", "消息编号", "案件编号", "状态词", "情况说明", "原因", "期限", "处置人员", "发生时间", "写入标志", "校验码")
    ON "交换"."反馈单" TO exchange_department;
GRANT INSERT ON "交换"."反馈附件" TO exchange_department;
GRANT UPDATE ("状态", "读取时间", "签收时间", "拒收原因", "城管编号") ON "交换"."派遣单" TO exchange_department;
