// The map of the first page, with its key.

import { useGo } from '../../address';
import type { Site } from '../../api/types';
import { MapKey, SiteMap, type SizeBy } from '../../parts/sitemap';
import { useWidth } from '../../ui/width';

export default function Sites({ sites, by }: { sites: readonly Site[]; by: SizeBy }) {
  const go = useGo();
  const [attach, width] = useWidth<HTMLDivElement>();
  return (
    <div ref={attach}>
      <SiteMap
        sites={sites}
        by={by}
        unit={width > 640 ? 1.2 : 1}
        height={Math.round(Math.max(320, Math.min(480, width * 0.54)))}
        onOpen={(id) => go(`/sites/${encodeURIComponent(id)}`)}
      />
      <MapKey sites={sites} by={by} />
    </div>
  );
}
