export interface LockedPackage {
  version?: string;
  integrity?: string;
  link?: boolean;
  optional?: boolean;
  devOptional?: boolean;
}
export function ensureDependencies(root: string, report: (line: string) => void): Promise<void>;
export function areInstalled(root: string): boolean;
export function isSatisfied(
  locked: Readonly<Record<string, LockedPackage>>,
  installed: Readonly<Record<string, LockedPackage>>,
): boolean;
