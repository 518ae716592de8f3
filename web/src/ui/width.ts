// Apart from the charts, so that a drawing without their scales does not bring them.

import { useMemo, useRef, useState } from 'preact/hooks';

/** The size of an element, as it changes; 0 until it is known. */
export function useSize<E extends Element>(): [(element: E | null) => void, number, number] {
  const [size, setSize] = useState({ width: 0, height: 0 });
  const observer = useRef<ResizeObserver | null>(null);
  const attach = useMemo(() => (element: E | null): void => {
    observer.current?.disconnect();
    if (!element) return;
    observer.current = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.current.observe(element);
  }, []);
  return [attach, size.width, size.height];
}

/** The width of an element, as it changes; 0 until it is known. */
export function useWidth<E extends Element>(): [(element: E | null) => void, number] {
  const [attach, width] = useSize<E>();
  return [attach, width];
}
