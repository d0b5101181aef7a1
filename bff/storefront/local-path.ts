/**
 * Where to go on after signing in: a path of this site, whatever the address says.
 *
 * @example
 * localPath('/checkout'); // '/checkout'
 * localPath('//elsewhere.example'); // '/'
 */
export function localPath(wish: string | undefined): string {
  // A browser drops tabs and line ends, and takes a backslash for a slash.
  if (wish === undefined || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wish)) return '/';
  return wish;
}
