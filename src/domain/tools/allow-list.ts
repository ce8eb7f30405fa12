/** Whether a list of allowed names has a server's tool: by its own name, or with all of the server's. */
export function isAllowed(allowed: readonly string[], server: string, tool: string): boolean {
  return allowed.includes(`${server}/${tool}`) || allowed.includes(`${server}/*`);
}
