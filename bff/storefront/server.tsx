/** Renders the store's pages: the entry of the server's bundle. */
import { renderDocument } from '../web/document.tsx';
import type { Render } from '../web/shell.ts';
import type { StorePages } from './pages.ts';

export const render: Render<StorePages> = (name, data, shell) =>
  renderDocument(
    {
      title: name,
      icon: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"/>',
      skipLabel: 'Skip',
      header: <header />,
      main: <h1>{data.status}</h1>,
      footer: <footer />,
    },
    shell,
  );
