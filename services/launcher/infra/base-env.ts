const KEPT = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH'];

/**
 * The environment of a component: little of the launcher's own, for each of them reads settings from
 * it (QUARKUS_…, ES_…, JAVA_TOOL_OPTIONS), and what a person has set for another is not meant for ours.
 */
export function baseEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of KEPT) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}
