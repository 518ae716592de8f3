// The shared parts. Charts are in ./chart, so that pages without one do not bring them.

export { Choices, type Option, Tabs } from './choice';
export { common } from './common';
export { Confirm, Dialog } from './dialog';
export { Ago, Bar, distance, Figure, Held, Name, Nothing, Si, Span, Time, type Tone, Unknown, Yuan } from './figure';
export { AreaField, CheckField, Field, type FieldProps, Form, SearchBox, SelectBox, SelectField, TextField } from './form';
export * as format from './format';
export { known } from './format';
export { Ladder } from './ladder';
export { Log, plainText } from './log';
export { Contact, ENDED, Evidence, JOB_STATES, JobState, Mark, Shape, type ShapeName, SiteStage, stageLook, StudyState } from './mark';
export { Count, Counts, type Crumb, Fact, Facts, Page, Part } from './page';
export { Pager, usePage } from './pager';
export { type Column, Table } from './table';
export { Command, Empty, Forbidden, Notice, Problem, Shown, Skeleton } from './trouble';
