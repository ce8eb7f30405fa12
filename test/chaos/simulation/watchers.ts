/**
 * Time that the schedule moves, and watchers that look at every write and at every commit: what is terminal, said or
 * booked never changes, and no commit leaves a turn that nothing will ever move.
 */
export const watcherStatements: readonly string[] = [
  `create or replace function pantheon_now() returns timestamptz language sql stable as $$
    select coalesce(nullif(current_setting('chaos.now', true), '')::timestamptz, now()) $$`,
  "create table chaos_findings (owner_id uuid not null, finding text not null, subject uuid not null)",
  "grant select on stuck_turns to pantheon_app",
  "grant select, insert on chaos_findings to pantheon_app, pantheon_system",
  `create function chaos_watch_turn() returns trigger language plpgsql as $$
    begin
      if pantheon_is_over(old.status) and (new.status, new.is_active, new.finished_at, new.pending_steps, new.failed_steps, new.plan)
        is distinct from (old.status, old.is_active, old.finished_at, old.pending_steps, old.failed_steps, old.plan) then
        insert into chaos_findings values (old.owner_id, 'a terminal turn was changed', old.id);
      end if;
      return null;
    end $$`,
  "create trigger chaos_watch after update on turns for each row execute function chaos_watch_turn()",
  `create function chaos_watch_step() returns trigger language plpgsql as $$
    begin
      if old.status in ('done', 'failed', 'cancelled') and to_jsonb(new) - 'updated_at' <> to_jsonb(old) - 'updated_at'
        and not (old.status = 'cancelled' and old.lease_until is not null and new.lease_until is null
          and to_jsonb(new) - '{updated_at,lease_until,lost_attempts}'::text[] = to_jsonb(old) - '{updated_at,lease_until,lost_attempts}'::text[]) then
        insert into chaos_findings values (old.owner_id, 'an ended step was changed', old.id);
      end if;
      return null;
    end $$`,
  "create trigger chaos_watch after update on turn_steps for each row execute function chaos_watch_step()",
  // What is written stays as it is, but for what says how it stands: told as the row's subject and the columns that may change.
  `create function chaos_watch_written() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' or to_jsonb(new) - tg_argv[1]::text[] <> to_jsonb(old) - tg_argv[1]::text[] then
        insert into chaos_findings values (old.owner_id, 'a written row was changed: ' || tg_table_name, (to_jsonb(old)->>tg_argv[0])::uuid);
      end if;
      return null;
    end $$`,
  ...[
    ["messages", "turn_id", "{is_pinned}"],
    ["turn_events", "turn_id", "{}"],
    ["llm_call_events", "turn_id", "{}"],
    ["turn_context_audit", "turn_id", "{}"],
    ["session_summaries", "session_id", "{}"],
    ["register_entries", "id", "{status,is_pinned,superseded_by,updated_at}"],
  ].map(
    ([table, subject, mutable]) =>
      `create trigger chaos_watch after update or delete on ${table} for each row execute function chaos_watch_written('${subject}', '${mutable}')`,
  ),
  // What other words were put to never changes again; what a model took for replaced only the user opens, outside of any step.
  `create trigger chaos_watch_replaced after update on register_entries for each row
    when (old.status = 'superseded' and (new.status, new.superseded_by) is distinct from (old.status, old.superseded_by)
      and (old.superseded_by is not null or new.status <> 'open' and new.superseded_by is null))
    execute function chaos_watch_written('id', '{}')`,
  `create function chaos_watch_place() returns trigger language plpgsql as $$
    begin
      insert into chaos_findings
      select t.owner_id, case t.mode when 'summary' then 'a summary holds its session' else 'a turn waits behind no other' end, t.id from turns t
      where t.id = new.id and (t.mode = 'summary' and t.is_active or t.mode <> 'summary' and t.status = 'queued' and not t.is_active
        and not exists (select 1 from turns a where a.session_id = t.session_id and a.is_active and a.mode <> 'summary'));
      return null;
    end $$`,
  ...[
    ["made", "insert on turns", "true"],
    ["moved", "update on turns", "old.is_active <> new.is_active"],
  ].map(
    ([name, change, condition]) =>
      `create constraint trigger chaos_watch_place_${name} after ${change}
        deferrable initially deferred for each row when (${condition}) execute function chaos_watch_place()`,
  ),
  `create function chaos_watch_event() returns trigger language plpgsql as $$
    begin
      if exists (select 1 from turn_events e where e.turn_id = new.turn_id and e.seq < new.seq
        and e.type in ('turn.completed', 'turn.partial', 'turn.failed', 'turn.cancelled')) then
        insert into chaos_findings values (new.owner_id, 'an event came after the terminal one', new.turn_id);
      end if;
      return null;
    end $$`,
  "create trigger chaos_watch_order after insert on turn_events for each row execute function chaos_watch_event()",
  `create function chaos_watch_stuck() returns trigger language plpgsql as $$
    declare
      v_turn uuid := coalesce(to_jsonb(new), to_jsonb(old))->>(tg_argv[0]);
    begin
      insert into chaos_findings
      select (coalesce(to_jsonb(new), to_jsonb(old))->>'owner_id')::uuid, 'a commit left a turn stuck', k.id from stuck_turns k
      where k.session_id = (select t.session_id from turns t where t.id = v_turn);
      return null;
    end $$`,
  // Only what may leave a turn without anything to move it: a changed turn, a changed step, an outbox message taken away.
  ...[
    ["turn_made", "insert on turns", "id", "true"],
    ["turn", "update on turns", "id", "(old.status, old.is_active) is distinct from (new.status, new.is_active)"],
    ["step", "update on turn_steps", "turn_id", "old.status <> new.status"],
    ["outbox_message", "delete on outbox", "turn_id", "true"],
  ].map(
    ([name, change, column, condition]) =>
      `create constraint trigger chaos_watch_stuck_${name} after ${change}
        deferrable initially deferred for each row when (${condition}) execute function chaos_watch_stuck('${column}')`,
  ),
];
