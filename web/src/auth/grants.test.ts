import { expect, it } from "vitest";
import { grants } from "./grants";

const commands = (subject: string, scopes: string[]) => grants({ subject, scopes }).map(({ command }) => command);

it("keeps the scopes that the user has", () => {
  expect(commands("ada", ["events:read"])).toEqual([
    'photophone user add ada --scope "events:read stream:read" --replace',
    'photophone token create --subject ada --scope "events:read stream:read"',
    null,
  ]);
});

it("gives the scope that the view needs", () => {
  const [first] = grants({ subject: "ada", scopes: ["stream:read"] }, "events:read");
  expect(first?.command).toBe('photophone user add ada --scope "stream:read events:read" --replace');
});

it("puts nothing into a command that a shell could take for more", () => {
  expect(commands("--help", ["$(reboot)", "`x`", 'a"b'])).toEqual([
    'photophone user add NAME --scope "stream:read" --replace',
    'photophone token create --subject NAME --scope "stream:read"',
    null,
  ]);
});
