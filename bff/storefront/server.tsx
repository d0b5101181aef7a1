/** Renders the store's pages: the entry of the server's bundle. */
import type { VNode } from 'preact';
import type { Lang } from '../contract.ts';
import { categoryName } from '../web/categories.ts';
import { renderDocument } from '../web/document.tsx';
import type { Render } from '../web/shell.ts';
import type { StorePages } from './pages.ts';
import { CartView } from './views/cart.tsx';
import { Catalogue } from './views/catalogue.tsx';
import { Checkout } from './views/checkout.tsx';
import { Footer, Header, ICON, SHOP } from './views/layout.tsx';
import { OrderView, Orders } from './views/orders.tsx';
import { PaymentView } from './views/payment.tsx';
import { problemWords, ProblemView } from './views/problem.tsx';
import { ProductView } from './views/product.tsx';
import { SignIn, SignUp } from './views/signing.tsx';

interface Page<Data> {
  /** In the tab; '' for the shop's name alone. */
  readonly title: (data: Data, lang: Lang) => string;
  readonly description?: (data: Data, lang: Lang) => string;
  readonly main: (data: Data) => VNode;
  readonly search?: (data: Data) => { q?: string; category?: string };
}

const PAGES: { readonly [Name in keyof StorePages]: Page<StorePages[Name]> } = {
  catalogue: {
    title: ({ query: { q, category } }, lang) =>
      q ?? (category === undefined ? '' : categoryName(category, lang)),
    main: (data) => <Catalogue {...data} />,
    search: ({ query: { q = '', category = '' } }) => ({ q, category }),
  },
  product: {
    title: ({ product }, lang) => (lang === 'ja' ? product.nameJa : product.nameEn),
    description: ({ product }, lang) =>
      lang === 'ja' ? product.descriptionJa : product.descriptionEn,
    main: (data) => <ProductView {...data} />,
  },
  cart: { title: titled('カート', 'Cart'), main: (data) => <CartView {...data} /> },
  'sign-in': { title: titled('ログイン', 'Sign in'), main: (data) => <SignIn {...data} /> },
  'sign-up': {
    title: titled('新規登録', 'Create an account'),
    main: (data) => <SignUp {...data} />,
  },
  checkout: {
    title: titled('ご注文内容の確認', 'Review your order'),
    main: (data) => <Checkout {...data} />,
  },
  payment: { title: titled('お支払い', 'Payment'), main: (data) => <PaymentView {...data} /> },
  orders: { title: titled('注文履歴', 'Your orders'), main: (data) => <Orders {...data} /> },
  order: { title: titled('ご注文', 'Order'), main: (data) => <OrderView {...data} /> },
  problem: {
    title: ({ status }, lang) => problemWords[lang].of(status).title,
    main: (data) => <ProblemView {...data} />,
  },
};

const SKIP = { ja: '本文へ移動', en: 'Skip to content' } as const;

export const render: Render<StorePages> = (name, data, shell) => {
  const page: Page<StorePages[typeof name]> = PAGES[name];
  const title = page.title(data, shell.lang);
  const description = page.description?.(data, shell.lang);
  return renderDocument(
    {
      title: title === '' ? SHOP[shell.lang] : `${title} | ${SHOP[shell.lang]}`,
      ...(description !== undefined && { description }),
      icon: ICON,
      skipLabel: SKIP[shell.lang],
      header: <Header {...page.search?.(data)} />,
      main: page.main(data),
      footer: <Footer />,
    },
    shell,
  );
};

function titled(ja: string, en: string) {
  return (_: unknown, lang: Lang) => (lang === 'ja' ? ja : en);
}
