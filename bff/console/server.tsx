/** Renders the console's pages: the entry of the server's bundle. */
import type { VNode } from 'preact';
import { renderDocument } from '../web/document.tsx';
import type { Render, Shell } from '../web/shell.ts';
import type { ConsolePages } from './pages.ts';
import { ruleTitles } from './runbook.ts';
import { AlertPage } from './views/alert.tsx';
import { AlertsPage } from './views/alerts.tsx';
import { chromeWords, ConsoleFooter, ConsoleHeader } from './views/chrome.tsx';
import { OrderPage } from './views/order.tsx';
import { OrdersPage } from './views/orders.tsx';
import { OverviewPage } from './views/overview.tsx';
import { ProblemPage } from './views/problem.tsx';

type Lang = Shell['lang'];
/** How a page is called in the tab, and what is on it. */
type View<Data> = (data: Data, lang: Lang) => { readonly title: string; readonly main: VNode };

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#23518c"/><path d="M7 12h18M7 20h18" stroke="#fff" stroke-width="2.5"/><circle cx="12" cy="12" r="3.5" fill="#fff"/><path d="m20 15 5 5-5 5-5-5z" fill="#ffd27a"/></svg>';

const views: { readonly [Name in keyof ConsolePages]: View<ConsolePages[Name]> } = {
  alerts: (data, lang) => ({
    title: chromeWords[lang].alerts,
    main: <AlertsPage {...data} />,
  }),
  alert: (data, lang) => ({
    title: `${ruleTitles[lang][data.detail.alert.ruleId]} · ${data.detail.alert.orderNo}`,
    main: <AlertPage {...data} />,
  }),
  overview: (data, lang) => ({
    title: chromeWords[lang].overview,
    main: <OverviewPage {...data} />,
  }),
  orders: (data, lang) => ({ title: chromeWords[lang].orders, main: <OrdersPage {...data} /> }),
  order: (data) => ({ title: data.orderNo, main: <OrderPage {...data} /> }),
  problem: (data) => ({ title: String(data.status), main: <ProblemPage {...data} /> }),
};

export const render: Render<ConsolePages> = (name, data, shell) => {
  const { title, main } = views[name](data, shell.lang);
  const say = chromeWords[shell.lang];
  return renderDocument(
    {
      title: `${title} · ${say.site}`,
      icon: ICON,
      skipLabel: say.skip,
      header: <ConsoleHeader page={name} />,
      main,
      footer: <ConsoleFooter />,
      class: 'console',
    },
    shell,
  );
};
