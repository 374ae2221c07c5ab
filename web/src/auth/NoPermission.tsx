// What a user sees who is signed in and may not see a view: what is missing, and who can give it.

import type { Session } from "../api/types";
import { Frame } from "./Frame";
import { grants, type Grant } from "./grants";
import { SignOutButton } from "./SignOutButton";

interface NoPermissionProps {
  session: Session;
  /** What the view shows. */
  what?: string;
  /** The scope that it needs. */
  scope?: string;
}

export function NoPermission({ session, what = "the live view", scope = "stream:read" }: NoPermissionProps) {
  return (
    <Frame>
      <p role="alert">
        Signed in as <strong>{session.subject}</strong>, without the permission to see {what}: it needs the scope{" "}
        <code>{scope}</code>.
      </p>
      <p className="note">
        This session has {session.scopes.length === 0 ? "no scopes" : <code>{session.scopes.join(" ")}</code>}. Whoever runs this
        server can give more; sign in again afterwards.
      </p>
      <dl className="grants">
        {grants(session, scope).map((grant) => (
          <GrantText key={grant.way} {...grant} />
        ))}
      </dl>
      <SignOutButton className="button primary" />
    </Frame>
  );
}

function GrantText({ way, what, command }: Grant) {
  return (
    <>
      <dt>{way}</dt>
      <dd>
        {what}
        {command !== null && <code>{command}</code>}
      </dd>
    </>
  );
}
