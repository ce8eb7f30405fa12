import { expect, test } from "vitest";
import { allowedOf, isAllowed } from "./allow-list.ts";

const allowed = ["calculator", "mail/send", "Mail/files/read", "mailer/*", "mail"];

test("a server has the entries that name it, in whatever case, and no other server's", () => {
  expect(allowedOf(allowed, "MAIL")).toEqual(["mail/send", "Mail/files/read"]);
  expect(allowedOf(allowed, "mailer")).toEqual(["mailer/*"]);
  expect(allowedOf(allowed, "mai")).toEqual([]);
});

test("a tool is allowed by its own name to the letter, or with all of its server's", () => {
  const ofMail = allowedOf(allowed, "mail");
  expect(["send", "files/read", "Send", "read", "*", "wipe", ""].filter((tool) => isAllowed(ofMail, tool))).toEqual([
    "send",
    "files/read",
  ]);
  expect(isAllowed(allowedOf(allowed, "mailer"), "wipe")).toBe(true);
});
