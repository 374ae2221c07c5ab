// How whoever runs the server gives a user the permission to see a view.

import type { Session } from "../api/types";

export interface Grant {
  /** How the user signs in. */
  way: string;
  what: string;
  /** To be typed where the server runs; null when it cannot be done there. */
  command: string | null;
}

/** What names of users and scopes look like. A token may hold anything, and commands are copied into shells. */
const USER_NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;
const SCOPE = /^[a-z]+(:[a-z]+)?$/;

export function grants({ subject, scopes }: Pick<Session, "subject" | "scopes">, needed = "stream:read"): Grant[] {
  const name = USER_NAME.test(subject) ? subject : "NAME";
  const wanted = [...scopes.filter((word) => SCOPE.test(word)), needed].join(" ");
  const scope = `--scope "${wanted}"`;
  return [
    {
      way: "With a password",
      what: "A new password and these scopes are given by",
      command: `photophone user add ${name} ${scope} --replace`,
    },
    {
      way: "With a token",
      what: "A token of this server is made by",
      command: `photophone token create --subject ${name} ${scope}`,
    },
    { way: "With the lab's identity provider", what: "Its tokens must name the scope.", command: null },
  ];
}
