// Parts of a page that are brought once the page stands: what is large and not looked at first.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { common } from '../ui/common';
import { Notice, Skeleton } from '../ui/trouble';

/** A part that is brought when it is first drawn; bones as many as `lines` stand in its place. */
export function bring<P extends object>(load: () => Promise<{ default: ComponentType<P> }>, lines = 4): ComponentType<P> {
  let found: ComponentType<P> | null = null;
  return function Brought(props: P) {
    const [, drawAgain] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (found) return;
      load().then(
        (module) => {
          found = module.default;
          drawAgain((n) => n + 1);
        },
        () => setFailed(true),
      );
    }, []);
    if (found) {
      const Found = found;
      return <Found {...props} />;
    }
    if (!failed) return <Skeleton lines={lines} />;
    return (
      <Notice tone="cinnabar">
        <p>{common('troublePart')}</p>
        <button type="button" onClick={() => location.reload()}>
          {common('reload')}
        </button>
      </Notice>
    );
  };
}
