/** Renders a page into a whole HTML document: head, header, main, footer. */
import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { IslandsOnPage } from './island.tsx';
import { LangContext } from './i18n.ts';
import { ShellProvider } from './page-context.tsx';
import type { Shell } from './shell.ts';

export interface DocumentParts {
  /** As in the tab, with the site's name. */
  readonly title: string;
  readonly description?: string;
  /** An SVG, shown in the tab. */
  readonly icon: string;
  readonly skipLabel: string;
  readonly header: VNode;
  readonly main: VNode;
  readonly footer: VNode;
  /** Of `<body>`. */
  readonly class?: string;
}

export function renderDocument(parts: DocumentParts, shell: Shell): string {
  const islands = new Set<string>();
  const body = renderToString(
    <Providers shell={shell} islands={islands}>
      <a class="skip-link" href="#main">
        {parts.skipLabel}
      </a>
      {parts.header}
      <main id="main" tabIndex={-1}>
        {parts.main}
      </main>
      {parts.footer}
    </Providers>,
  );
  const { assets, nonce } = shell;
  const preloads = new Set([...islands].flatMap((name) => assets.ofIsland(name)));
  const head = renderToString(
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{parts.title}</title>
      {parts.description !== undefined && <meta name="description" content={parts.description} />}
      <link rel="icon" href={`data:image/svg+xml,${encodeURIComponent(parts.icon)}`} />
      {assets.styles.map((href) => (
        <link key={href} rel="stylesheet" href={href} nonce={nonce} />
      ))}
      {[...preloads].map((href) => (
        <link key={href} rel="modulepreload" href={href} nonce={nonce} />
      ))}
      {islands.size > 0 && <script type="module" src={assets.script} nonce={nonce} />}
    </head>,
  );
  const className = parts.class === undefined ? '' : ` class="${parts.class}"`;
  return `<!doctype html><html lang="${shell.lang}">${head}<body${className}>${body}</body></html>`;
}

function Providers({
  shell,
  islands,
  children,
}: {
  shell: Shell;
  islands: Set<string>;
  children: ComponentChildren;
}) {
  return (
    <ShellProvider value={shell}>
      <LangContext.Provider value={shell.lang}>
        <IslandsOnPage.Provider value={islands}>{children}</IslandsOnPage.Provider>
      </LangContext.Provider>
    </ShellProvider>
  );
}
