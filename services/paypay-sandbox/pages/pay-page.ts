import { html, raw } from 'hono/html';
import { closedBy } from '../domain/moves.ts';
import type { Payment } from '../domain/payment.ts';
import { page, type Html } from './layout.ts';
import { TEXTS, type Language, type PageState, type Texts } from './texts.ts';

/** Counts down, and asks for the page again when it is over. Without it the instant is shown. */
const COUNTDOWN = `
(() => {
  const place = document.querySelector('[data-left-ms]');
  if (!place) return;
  const end = performance.now() + Number(place.dataset.leftMs);
  const show = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    place.textContent = Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0');
    if (left === 0) { clearInterval(timer); location.replace(location.href); }
  };
  document.querySelector('[data-left-label]').textContent = place.dataset.label;
  const timer = setInterval(show, 250);
  show();
})();
`;

/** How the page of a code is at an instant. */
export function pageStateOf(payment: Payment, nowMs: number): PageState {
  const closed = closedBy(payment, nowMs);
  const unpaid = closed === undefined || closed === 'expired' || closed === 'deleted';
  if (unpaid && payment.startedAtMs !== undefined && !payment.lapsed) return 'paying';
  return closed ?? 'open';
}

/** The page on which a shopper pays. `payment` undefined: the code is not known. */
export function payPage(payment: Payment | undefined, language: Language, nowMs: number): Html {
  const texts = TEXTS[language];
  const state = payment ? pageStateOf(payment, nowMs) : 'unknown';
  const title = state === 'open' ? texts.title : texts.states[state].title;
  const other = language === 'ja' ? 'en' : 'ja';
  return page(
    { lang: language, title: `${title} – PayPay Sandbox` },
    html`
      <header>
        <strong>PayPay Sandbox</strong>
        <a href="?lang=${other}" lang="${other}" hreflang="${other}">${texts.otherLanguage}</a>
      </header>
      <section class="card">
        ${
          payment && state === 'open'
            ? openCard(payment, texts, language, nowMs)
            : closedCard(payment, state as Exclude<PageState, 'open'>, texts, language)
        }
      </section>
      <p class="soft">${texts.sandbox}</p>
    `,
  );
}

/** Where the shopper goes back to; only the web's own addresses, since the shop's text ends up in a link. */
export function safeRedirect(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed?.protocol === 'http:' || parsed?.protocol === 'https:' ? parsed.href : undefined;
}

function openCard(payment: Payment, texts: Texts, language: Language, nowMs: number): Html {
  const { codeId, expiresAtMs } = payment;
  return html`
    <h1>${texts.title}</h1>
    ${summary(
      payment,
      texts,
      html`<dt data-left-label>${texts.payableUntil}</dt>
        <dd
          role="timer"
          data-left-ms="${String(expiresAtMs - nowMs)}"
          data-label="${texts.timeLeft}"
        >
          ${clockTime(expiresAtMs, language)}
        </dd>`,
    )}
    <form class="moves" method="post" action="/pay/${encodeURIComponent(codeId)}?lang=${language}">
      <button class="first" name="move" value="pay">${texts.pay}</button>
      <button name="move" value="decline">${texts.decline}</button>
      <button name="move" value="expire">${texts.expire}</button>
    </form>
    <script>
      ${raw(COUNTDOWN)};
    </script>
  `;
}

function closedCard(
  payment: Payment | undefined,
  state: Exclude<PageState, 'open'>,
  texts: Texts,
  language: Language,
): Html {
  const { title, detail } = texts.states[state];
  const back = safeRedirect(payment?.redirectUrl);
  const tone = state === 'paid' ? 'good' : state === 'paying' ? '' : 'bad';
  return html`
    <h1 class="${tone}" role="status">${title}</h1>
    <p lang="${language}">${detail}</p>
    ${payment ? summary(payment, texts, '') : ''}
    ${back === undefined ? '' : html`<a class="button" href="${back}">${texts.back}</a>`}
  `;
}

function summary(payment: Payment, texts: Texts, more: Html | ''): Html {
  return html`
    ${
      payment.orderDescription === undefined
        ? ''
        : html`<p class="soft">${payment.orderDescription}</p>`
    }
    <p class="amount">${yen(payment.amountJpy)}</p>
    <dl>
      <dt>${texts.orderNo}</dt>
      <dd>${payment.merchantPaymentId}</dd>
      ${more}
    </dl>
  `;
}

/** An amount for people. */
export function yen(amountJpy: number): string {
  return `¥${amountJpy.toLocaleString('en-US')}`;
}

function clockTime(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', {
    timeStyle: 'medium',
    timeZone: 'Asia/Tokyo',
  }).format(atMs);
}
