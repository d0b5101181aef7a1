/** The shell, for components on the server. An island has only its props. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Shell } from './shell.ts';

const ShellContext = createContext<Shell | null>(null);
export const ShellProvider = ShellContext.Provider;

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (shell === null) throw new Error('useShell() is for the server: an island has props only');
  return shell;
}
