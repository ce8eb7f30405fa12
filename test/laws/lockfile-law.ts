type Versions = Readonly<Record<string, string>>;

export interface Manifest {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
}

const EXACT = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/** Versions are pinned, and the lockfile was written for this package.json: npm would mend it silently. */
export function lockfileDrift(manifest: Manifest, locked: Manifest): readonly string[] {
  return (["dependencies", "devDependencies"] as const).flatMap((kind) => {
    const wanted = manifest[kind] ?? {};
    const held = locked[kind] ?? {};
    const names = [...new Set([...Object.keys(wanted), ...Object.keys(held)])];
    return names.flatMap((name) => versionFindings(name, wanted[name], held[name]));
  });
}

function versionFindings(name: string, wanted: string | undefined, held: string | undefined): readonly string[] {
  if (wanted !== held) return [`${name}: package.json has ${wanted ?? "none"}, package-lock.json ${held ?? "none"}`];
  return wanted === undefined || EXACT.test(wanted) ? [] : [`${name}: ${wanted} is not an exact version`];
}

export interface NamedManifest extends Manifest {
  readonly path: string;
}

/** A package that several manifests name has one version, so that it is installed once. */
export function disagreements(manifests: readonly NamedManifest[]): readonly string[] {
  const named = manifests.flatMap(({ path, dependencies, devDependencies }) =>
    Object.entries({ ...devDependencies, ...dependencies }).map(([name, version]) => ({ path, name, version })),
  );
  return named.flatMap(({ path, name, version }, place) => {
    const first = named.slice(0, place).find((other) => other.name === name && other.version !== version);
    return first === undefined ? [] : [`${name}: ${first.path} has ${first.version}, ${path} ${version}`];
  });
}
