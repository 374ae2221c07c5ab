// Who is here, what happens how often, and which pages are looked at.

import type { LiveDashboardData, LiveUser, UserList } from "../api/types";
import { Panel } from "./controls";
import { count, UNKNOWN } from "./format";

/** Names that are listed; the rest is summed up. */
const NAMES_MAX = 12;
const USERS_MAX = 30;

export function UsersPanel({ list, now_ms }: { list: UserList | null; now_ms: number }) {
  return (
    <Panel title="Live users" className="live-users">
      <p className="big">{count(list?.live_users)}</p>
      {list && (
        <ul className="rows">
          {list.users.slice(0, USERS_MAX).map((user) => (
            <UserRow key={user.distinct_id} user={user} now_ms={now_ms} />
          ))}
        </ul>
      )}
      {list && list.users.length > USERS_MAX && <p className="note">and {count(list.users.length - USERS_MAX)} more</p>}
    </Panel>
  );
}

function UserRow({ user, now_ms }: { user: LiveUser; now_ms: number }) {
  const silent_s = Math.max(0, Math.round((now_ms - Date.parse(user.last_seen)) / 1000));
  return (
    <li title={`${user.last_seen} (UTC)${user.session_id === null ? "" : `, session ${user.session_id}`}`}>
      <span className="row-name">{user.distinct_id}</span>
      <span className="row-detail">{user.current_url === null ? UNKNOWN : pathOf(user.current_url)}</span>
      <span className="row-count">{silent_s < 5 ? "now" : `${count(silent_s)} s`}</span>
    </li>
  );
}

/** Without what the server cuts off too: origin, query and fragment. */
export function pathOf(address: string): string {
  const path = address.replace(/[?#].*$/s, "").replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/]*/i, "");
  return path === "" ? "/" : path;
}

export function RatesPanel({ dashboard }: { dashboard: LiveDashboardData | null }) {
  const rates = Object.entries(dashboard?.events_per_minute ?? {}).toSorted(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const sum = rates.reduce((all, [, each]) => all + each, 0);
  const rest = rates.slice(NAMES_MAX).reduce((all, [, each]) => all + each, 0);
  const shown = rest > 0 ? [...rates.slice(0, NAMES_MAX), [`${rates.length - NAMES_MAX} others`, rest] as const] : rates;
  return (
    <Panel title="Events of the last minute" className="live-rates">
      <p className="big">{dashboard ? count(sum) : UNKNOWN}</p>
      <Bars rows={shown} />
    </Panel>
  );
}

export function PagesPanel({ dashboard }: { dashboard: LiveDashboardData | null }) {
  const pages = dashboard?.top_pages ?? [];
  return (
    <Panel title="Top pages of 5 min" className="live-pages">
      {dashboard && pages.length === 0 && <p className="note nothing">No page was viewed.</p>}
      <Bars rows={pages.map(({ path, count: views }) => [path, views] as const)} />
    </Panel>
  );
}

function Bars({ rows }: { rows: readonly (readonly [string, number])[] }) {
  const most = Math.max(1, ...rows.map(([, each]) => each));
  return (
    <ul className="rows">
      {rows.map(([name, each]) => (
        <li key={name} title={`${name}: ${each}`}>
          <span className="row-name">{name}</span>
          <span className="bar" aria-hidden="true">
            <span style={{ width: `${(100 * each) / most}%` }} />
          </span>
          <span className="row-count">{count(each)}</span>
        </li>
      ))}
    </ul>
  );
}
