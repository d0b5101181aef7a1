/**
 * Islands: the parts of a page that come alive in the browser. The server renders them like everything else; the client
 * imports those that a page has, and nothing else of it.
 *
 * I1. An island lies in `islands/NAME.tsx` of its UI (or of `bff/web`) and is known by NAME to the client entry.
 * I2. What it needs is in its props, as JSON: no function, no date, and nothing that the visitor may not see.
 */
import type { ComponentType } from 'preact';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** The names of the islands that a page turned out to have: what its scripts are preloaded by. */
export const IslandsOnPage = createContext<Set<string> | null>(null);

/**
 * A component that comes alive.
 *
 * @example
 * <Island name="quantity" of={Quantity} props={{ sku, max: 5 }} />
 */
export function Island<P extends object>({
  name,
  of: View,
  props,
  class: className,
}: {
  name: string;
  of: ComponentType<P>;
  props: P;
  class?: string;
}) {
  useContext(IslandsOnPage)?.add(name);
  return (
    <div class={className} data-island={name} data-props={JSON.stringify(props)}>
      <View {...props} />
    </div>
  );
}
