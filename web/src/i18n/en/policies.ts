// What the shipped policies are, for whoever chooses or compares them.

const en = {
  'policy.default': 'fair between tenants, patience within one, nodes kept for wide work, preemption, packing by prices',
  'policy.fair': 'as default, but within a tenant whoever came first goes first',
  'policy.fifo': 'one line by age; nothing overtakes a job that does not fit; no preemption; the tightest node',
  'policy.sjf': 'one line for all tenants, whatever is thought to be shortest first',
  'policy.bestfit': 'default with another packing: the least left over of cores and devices',
  'policy.fgd': 'default with another packing: where fragmentation grows least',
  'policy.own': 'a policy of one’s own, as it was given',
} as const;

export default en;
