import type { ProblemType } from "../../src/contract/problem.ts";

const head = `# Errors

Made from \`src/contract/error-guide.ts\` and \`src/http/problems.ts\` by \`npm run pages\`.

Every error is a problem of RFC 9457: \`application/problem+json\` with \`type\`, \`title\`, \`status\`, \`detail\`, \`code\` and \`request_id\`.
\`type\` is a path of the API that serves the row below as JSON: \`GET /api/v1/problems/{code}\`. Decide by \`code\`; \`detail\` is for people.

| Code | Status | When it comes | What to do |
|---|---|---|---|
`;

/** The closed list of error codes as a page: one line a code. */
export function errorsPage(types: readonly ProblemType[]): string {
  return `${head}${types.map(toLine).join("\n")}\n`;
}

function toLine({ code, status, when, remedy }: ProblemType): string {
  return `| \`${code}\` | ${status} | ${when} | ${remedy} |`;
}
