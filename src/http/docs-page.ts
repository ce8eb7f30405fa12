import { html, raw } from "hono/html";
import type { OpenApi, Operation } from "./openapi-types.ts";

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid #8884}details{border:1px solid #8884;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}code{font:0.9em ui-monospace,monospace}.m{display:inline-block;min-width:4.2rem;font-weight:700}pre{overflow:auto;background:#8881;padding:.8rem;border-radius:6px}`;

/** The reference, whole in one answer: no script, no font, no picture from anywhere. */
export function docsPage(document: OpenApi): string {
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Pantheon API</title><style>${raw(style)}</style></head>
<body>
<h1>Pantheon API</h1>
<p>Version ${String(document.info.version)}. The same as a machine reads it: <a href="openapi.json">openapi.json</a>.</p>
${document.tags.map(({ name }) => html`<h2>${name}</h2>${operationsOf(document, name)}`)}
<h2>Schemas</h2>
${Object.entries(document.components.schemas).map(([name, schema]) => html`<details id="${name}"><summary><code>${name}</code></summary>${block(schema)}</details>`)}
</body>
</html>`;
  return String(page);
}

function operationsOf(document: OpenApi, tag: string) {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => describeOperation(method, path, operation)),
  );
}

function describeOperation(method: string, path: string, { summary, tags: _, operationId, ...rest }: Operation) {
  return html`<details id="${operationId}"><summary><code class="m">${method.toUpperCase()}</code> <code>${path}</code> ${summary}</summary>${block(rest)}</details>`;
}

function block(value: unknown) {
  return html`<pre><code>${JSON.stringify(value, null, 2)}</code></pre>`;
}
