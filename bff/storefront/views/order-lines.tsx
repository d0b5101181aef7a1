/** What was, or will be, ordered: only to be read. */
import type { PricedLine } from '../../contract.ts';
import { yen } from '../../web/format.ts';
import { useLang } from '../../web/i18n.ts';
import { productAddress } from '../addresses.ts';

export function OrderLines({ lines }: { lines: readonly PricedLine[] }) {
  const lang = useLang();
  return (
    <ul class="lines">
      {lines.map((line) => (
        <li key={line.sku} class="line line-fixed">
          <img
            class="line-picture"
            src={line.picture}
            alt=""
            width="120"
            height="90"
            loading="lazy"
          />
          <div class="line-what">
            <a class="line-name" href={productAddress(line.sku)}>
              {lang === 'ja' ? line.nameJa : line.nameEn}
            </a>
            <span class="small soft money">
              {yen(line.unitPrice)} × {line.quantity}
            </span>
          </div>
          <strong class="money line-total">{yen(line.lineTotal)}</strong>
        </li>
      ))}
    </ul>
  );
}
