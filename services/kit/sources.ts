import { BlockList, isIPv4 } from 'node:net';

/** The addresses and networks (`10.0.0.0/8`) of a setting. @throws naming one that is none */
export function sourceList(values: readonly string[]): BlockList {
  const list = new BlockList();
  for (const value of values) {
    const [address = '', prefix] = value.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Whether a request from this address is one of those. */
export function isAllowedSource(sources: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  // As sockets that take both families write it.
  const plain = address.replace(/^::ffff:/, '');
  return sources.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
