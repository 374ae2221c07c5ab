// The login page: one-time link, user name and password, or a token of the lab's identity provider.

import { type FormEvent, useEffect, useId, useState } from "react";
import { api, ApiError } from "../api/client";
import type { AuthMethods, Session } from "../api/types";
import { loginWithCode } from "./code-login";
import { Frame } from "./Frame";
import { leaveFor } from "./leave";
import { safeNextPath } from "./next-path";
import { onSessionNews, tellSession } from "./session-news";

interface LoginPageProps {
  /** From a one-time link, already taken out of the address bar. */
  code: string | null;
}

export function LoginPage({ code }: LoginPageProps) {
  const [methods, setMethods] = useState<AuthMethods | null>(null);
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (code !== null) {
      void loginWithCode(code).then((failure) => (failure === null ? enter() : setProblem(failure)));
    }
  }, [code]);
  useEffect(() => {
    api.authMethods().then(setMethods, () => setProblem("The server does not answer"));
    // No session is the usual case here and no problem.
    api.session().then((held) => (isSentHere() ? goOn() : setSession(held)), () => {});
    // Somebody signed in by another tab, and is signed in here too.
    return onSessionNews((news) => news === "begun" && goOn());
  }, []);
  if (code !== null && problem === null) {
    return (
      <Frame>
        <output>Signing in…</output>
      </Frame>
    );
  }
  return (
    <Frame>
      {session && <SignedIn session={session} />}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {methods?.password && <PasswordForm onProblem={setProblem} />}
      {methods?.link && (
        <p className="note">
          Or open the one-time link that the server printed when it started; <code>photophone login-url</code> prints a fresh one.
        </p>
      )}
      {methods?.token && <TokenForm onProblem={setProblem} open={!methods.password} />}
    </Frame>
  );
}

function SignedIn({ session }: { session: Session }) {
  return (
    <p>
      Signed in as <strong>{session.subject}</strong>. <a href={next()}>Go to the live view</a>
    </p>
  );
}

type OnProblem = (problem: string | null) => void;

function PasswordForm({ onProblem }: { onProblem: OnProblem }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const { busy, submit } = useSubmit(onProblem, () => api.login(username, password));
  return (
    <form onSubmit={submit}>
      <Field label="User name" name="username" value={username} onChange={setUsername} />
      <Field label="Password" name="current-password" type="password" value={password} onChange={setPassword} />
      <button type="submit" className="button primary" disabled={busy}>
        Sign in
      </button>
    </form>
  );
}

function TokenForm({ onProblem, open }: { onProblem: OnProblem; open: boolean }) {
  const [token, setToken] = useState("");
  const { busy, submit } = useSubmit(onProblem, () => api.loginWithToken(token.trim()));
  return (
    <details open={open}>
      <summary>Use a token</summary>
      <form onSubmit={submit}>
        <Field label="Token (JWT)" name="token" type="password" value={token} onChange={setToken} />
        <button type="submit" className="button" disabled={busy}>
          Sign in with token
        </button>
      </form>
    </details>
  );
}

interface FieldProps {
  label: string;
  /** Also what password managers know the field by. */
  name: string;
  type?: "text" | "password";
  value: string;
  onChange: (value: string) => void;
}

function Field({ label, name, type = "text", value, onChange }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        autoComplete={name === "token" ? "off" : name}
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

function useSubmit(onProblem: OnProblem, login: () => Promise<Session>) {
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    onProblem(null);
    try {
      await login();
      enter();
    } catch (error) {
      onProblem(explain(error));
      setBusy(false);
    }
  };
  return { busy, submit };
}

function explain(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  return error.retry_after_secs === null ? error.message : `${error.message}. Try again in ${error.retry_after_secs} s`;
}

const next = () => safeNextPath(new URLSearchParams(location.search).get("next"));

/** Whether a page that wanted a session led here, and nobody came by themselves. */
const isSentHere = () => new URLSearchParams(location.search).has("next");

/** To the page that was asked for; the login page does not stay in the history. */
const goOn = () => leaveFor(next(), "replace");

function enter(): void {
  tellSession("begun");
  goOn();
}
