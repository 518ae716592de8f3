// Made by `npm run api -- PROGRAM` from the hub's description of its API. Not edited by hand.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the hub serves. */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counters for Prometheus. */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/hello": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The agent is here, with these nodes; work may be placed from now on. 409 while another agent serves the pool. */
        post: operations["hello"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/inventory": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the pool has now, and what others than the hub's jobs use of it. */
        post: operations["inventory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The agent's secret from now on. Whoever has a joining token of a pool becomes its agent, once; agents of before are out,
         *     except where each machine has its own.
         */
        post: operations["join_agent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/logs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A piece of output that was asked for. */
        post: operations["agent_logs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/pool": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a token is for, before it is used. */
        get: operations["agent_pool"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The agent's new secret; the one it asks with ends soon. */
        post: operations["renew_agent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What happened at the pool. Answered when durable; to be repeated until then, which is harmless. */
        post: operations["reports"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent/wanted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What should run at the pool: everything, or what changed. Held until something changes. */
        get: operations["wanted"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who asked for which change, newest first: by which token, when, what was answered, and which entries of the journal it brought about. What
         *     only reads is not kept, and neither is what agents tell of their jobs: that is in the journal itself.
         */
        get: operations["audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/books": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every account's movements, and their sum, which is exactly zero. */
        get: operations["books"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/census": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Computing power by class, precision and rung; sites; published figures beside; contradictions. */
        get: operations["census"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/census/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that was ever said of a row of the census, oldest first: what was restated is still there. */
        get: operations["history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/charges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was charged and corrected in a period, newest first. A tenant sees its own and its projects', a provider what ran in its pools. */
        get: operations["charges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/closings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What takes no work, now or later. A provider sees what concerns its own pools. */
        get: operations["closings"];
        put?: never;
        /**
         * Closes a site, a pool or a node, in place of what its provider, or the operators, said of it before; a window is added to
         *     that. What the other of the two said stands. Answers with all that is then said of it.
         */
        post: operations["close"];
        /**
         * Opens a site, a pool or a node again and forgets its windows, as far as it was its provider, or an operator, that closed it:
         *     neither opens what the other closed. Answers with what still closes it or something of it.
         */
        delete: operations["open"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Data that jobs may read. How it is reached is the operator's alone. */
        get: operations["list_data"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/data/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Says where data lies, all of it: what was said of the same name before is replaced. */
        put: operations["keep"];
        post?: never;
        /** Lets no job read it any more. Jobs that wait for it go on waiting; those that are placed go on. */
        delete: operations["forget"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/disputes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Disputes, newest first. A tenant and a provider see those about their own bills. */
        get: operations["disputes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/disputes/{id}/verdict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Settles a dispute: the bill stands, or another price holds and what was paid too much goes back. */
        post: operations["judge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follows changes: `job` (id and state), `pool`, `tenant`, `closing`, `data`, `census`, `money` (bills that are no job's end, corrections,
         *     disputes, credits), `study`, and `missed` when a follower was too slow and must look for itself. A tenant hears of its own jobs and
         *     money and its projects', a provider of what concerns its pools; studies are heard of by operators. An event's id is its entry of the
         *     journal: whoever comes back with it in `Last-Event-ID` is told first what came after it.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exports/{format}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was charged in a period, for other programs: `focus` is FOCUS 1.2 as CSV, `parquet` a table for analysts. */
        get: operations["export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hub": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hub at a glance. */
        get: operations["hub"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs, newest first. A tenant sees its own and its projects', a provider those that ran in its pools. */
        get: operations["list_jobs"];
        put?: never;
        /**
         * Submits a job, or many at once: an object or an array of objects. Answered when durable. 422 with the numbers if
         *     no pool could ever hold it; in a batch each job stands for itself.
         */
        post: operations["submit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job. */
        get: operations["job"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/bundle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All that lies behind a job's bills: every entry of the journal about it and about what they were counted by, with the hashes that
         *     link them.
         */
        get: operations["bundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stops a job: at once if it waits, else by TERM and later KILL. */
        post: operations["cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/disputes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Contests the bill of an attempt. Nothing is paid back before an operator has settled it. */
        post: operations["contest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that happened to a job, oldest first. A provider is told what happened at its own pools. */
        get: operations["job_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a job wrote. With `follow`, until it ends. The header `x-shugu-from` tells the byte at which it begins; there is none while there is
         *     no output.
         */
        get: operations["job_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/readings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Puts an attempt right by a reading that came late. The bill that stands is taken back and made anew in one entry; a reading that is
         *     known already changes nothing.
         */
        post: operations["read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a job waits, in numbers, pool by pool; when it is expected to start; and what would start sooner. */
        get: operations["why"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What jobs held, hour by hour: of attempts that are billed, and of those that run. A provider sees its own pools. */
        get: operations["load"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/measurements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enters what a benchmark found, run by a job that ended well: on its devices, or on its cores where its pool has none. */
        post: operations["measured"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The pools. A provider sees its own. */
        get: operations["pools"];
        put?: never;
        /** Lets a pool join, and makes the token its agent joins with, once, within a week; of a pool of plain hosts, so many. */
        post: operations["join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the provider of a pool allows there. */
        get: operations["limits"];
        /** Says what is allowed in a pool, all of it: what is left out is no limit. What runs there already goes on. */
        put: operations["limit"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The nodes of a pool: what each has, what is free, whether it takes work, and how many jobs are there. A provider sees its own pools'. */
        get: operations["list_nodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The year's report: totals with their sources, growth, targets, contradictions, and what the hub itself ran. */
        get: operations["report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scenarios": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Scenarios that ship, to begin with. */
        get: operations["scenarios"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Readings, hour by hour. */
        get: operations["signals"];
        put?: never;
        /** Takes readings over. A provider tells of sites of its own. */
        post: operations["signal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How somebody may sign in with a browser. */
        get: operations["ways_to_sign_in"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session that the request bears; a token that somebody typed in stays valid. */
        post: operations["sign_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every data centre. What a site draws is told to operators and to its own provider. */
        get: operations["sites"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{name}/energy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a site drew in a period by readings of its power, what that cost and emitted, its PUE and CUE. A provider sees its own sites. */
        get: operations["site_energy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a tenant pays or a provider receives for the jobs settled in a period. */
        get: operations["statements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements/all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody's statements of a period at once. */
        get: operations["all_statements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every study. */
        get: operations["list_studies"];
        put?: never;
        /** Begins a study: a replay of this hub's history under other policies, or a plan. It runs beside the hub, one at a time. */
        post: operations["begin_study"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/studies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A study, and what it found. */
        get: operations["study"];
        put?: never;
        post?: never;
        /** Stops a study that is under way; forgets one that is over. */
        delete: operations["end_study"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What tenants are due, hold and used. A tenant sees itself and its projects. */
        get: operations["tenants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Says what a tenant is due, all of it: what is left out is as with a new tenant. One that is new is let in. */
        put: operations["arrange"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{name}/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a tenant has, may spend and has held. A tenant sees its own and its projects'. */
        get: operations["account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{name}/budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Limits what a tenant and its projects may spend. What is held for jobs that have a place counts as spent. */
        put: operations["budget"];
        post?: never;
        /** Lifts the limit. */
        delete: operations["lift_budget"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{name}/credits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a tenant a credit (a computing voucher). It pays before the tenant's own money; what is left when it ends is taken back. */
        post: operations["grant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every token, without its secret. */
        get: operations["list_tokens"];
        put?: never;
        /** Makes a token. It is shown once. */
        post: operations["add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a token, at once. */
        delete: operations["revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is told of what happens, and how far they have been told. */
        get: operations["list_webhooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Tells somebody from now on what happens, as CloudEvents; one of the name that was there before is replaced, with a new secret. */
        put: operations["keep_webhook"];
        post?: never;
        /** Tells them nothing more. */
        delete: operations["forget_webhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What a tenant has, may spend and has held. */
        AccountOfTenant: {
            budget?: components["schemas"]["BudgetView"] | null;
            /**
             * Format: double
             * @description What its credits pay, before its own money.
             */
            credit_yuan: number;
            credits: components["schemas"]["CreditView"][];
            /**
             * Format: double
             * @description Held for jobs that have a place and are not paid.
             */
            held_yuan: number;
            /**
             * Format: double
             * @description What it has paid of its own.
             */
            paid_yuan: number;
            tenant: string;
        };
        /** @description One account's movements. */
        AccountView: {
            /** @description Its key in the journal. */
            account: string;
            /**
             * Format: double
             * @description Received minus paid.
             */
            balance_yuan: number;
            /** @description tenant, provider or hub. */
            kind: string;
            /** @description Whose. */
            name: string;
            /**
             * Format: double
             * @description Paid.
             */
            paid_yuan: number;
            /**
             * Format: double
             * @description Received.
             */
            received_yuan: number;
        };
        /** @description Another way to serve a replica. */
        Alternative: {
            /**
             * Format: int32
             * @description The least memory of a device, in GB.
             */
            device_memory_gb?: number | null;
            /**
             * Format: double
             * @description Devices for each replica, or a part of one.
             */
            devices: number;
            /** @description Acceptable models. */
            models?: string[];
            /** @description The least computing power of all replicas together: "20 PFLOPS fp16". */
            power?: string | null;
            /**
             * Format: int32
             * @description How many replicas, if not as many as the job says.
             */
            replicas?: number | null;
        };
        /** @description A page of the log. */
        AskedList: {
            /**
             * Format: int64
             * @description Give it as `after` for the next page; null on the last.
             */
            next?: number | null;
            /** @description Newest first. */
            requests: components["schemas"]["AskedView"][];
        };
        /** @description A request to change something. */
        AskedView: {
            /** @description RFC 3339. */
            at: string;
            /**
             * Format: int64
             * @description The first entry of the journal that it brought about; null where it brought none about.
             */
            first_entry?: number | null;
            /**
             * Format: int64
             * @description Its number in the log.
             */
            id: number;
            /**
             * Format: int64
             * @description The last one.
             */
            last_entry?: number | null;
            /** @description What it made that is not in the journal. */
            made?: string | null;
            /** @description GET, POST, PUT or DELETE. */
            method: string;
            /** @description Of what. */
            path: string;
            /** @description Of which role. */
            role: string;
            /**
             * Format: int32
             * @description What was answered, as a status of HTTP; null where the hub ended before it was.
             */
            status?: number | null;
            /** @description As whom. */
            subject: string;
            /**
             * Format: int64
             * @description The number of the token; 0 where somebody signed in.
             */
            token: number;
        };
        /** @description The book of a period. */
        BookView: {
            /** @description Every account that moved. */
            accounts: components["schemas"]["AccountView"][];
            /**
             * Format: double
             * @description The sum over all accounts: exactly zero.
             */
            balance_yuan: number;
            /** @description ISO 4217. */
            currency: string;
            /** @description `2026-11`, in the hub's local time; `all` for everything. */
            period: string;
            /**
             * Format: int64
             * @description How many postings.
             */
            postings: number;
        };
        /** @description What a tenant may spend. */
        BudgetForm: {
            /**
             * Format: double
             * @description What it may spend, its projects included.
             */
            amount_yuan: number;
            /** @description Whether it is filled up again at the beginning of each month of the hub's local time. */
            monthly?: boolean;
            /** @description From when on nothing may be spent any more. */
            until?: string | null;
            /**
             * Format: double
             * @description The part of it, 0 to 1, from which on people are warned; 0.8 if left out.
             */
            warn?: number | null;
        };
        /** @description A budget. */
        BudgetView: {
            /** Format: double */
            amount_yuan: number;
            /**
             * Format: double
             * @description Neither spent nor held.
             */
            left_yuan: number;
            /** @description When it is filled up again. */
            renews?: string | null;
            until?: string | null;
            /**
             * Format: double
             * @description The part from which on people are warned.
             */
            warn: number;
            /** @description Whether that is reached. */
            warned: boolean;
        };
        /** @description A page of charges. */
        ChargeList: {
            /** @description Newest first. */
            charges: components["schemas"]["ChargeView"][];
            /**
             * Format: int64
             * @description Give it as `after` for the next page; null on the last.
             */
            next?: number | null;
            /** @description `2026-11`, in the hub's local time. */
            period: string;
        };
        /** @description What an attempt of a job was charged, or by what a correction changed that. */
        ChargeView: {
            /** @description RFC 3339. */
            at: string;
            /**
             * Format: int32
             * @description Which attempt, counted from 1.
             */
            attempt: number;
            /**
             * Format: double
             * @description What it would have emitted, begun at once where it first fitted; as `carbon_kg` where its job made no use of a choice.
             */
            carbon_at_once_kg?: number | null;
            /**
             * Format: double
             * @description Carbon; null where no factor is known.
             */
            carbon_kg?: number | null;
            /**
             * Format: double
             * @description Cores held.
             */
            core_hours: number;
            /**
             * Format: int64
             * @description The entry of the bill or correction that it replaces; amounts are differences to that one then.
             */
            corrects?: number | null;
            /**
             * Format: double
             * @description What of the price was paid with credits.
             */
            credit_yuan: number;
            /**
             * Format: double
             * @description Devices held.
             */
            device_hours: number;
            /**
             * Format: double
             * @description Energy.
             */
            energy_kwh: number;
            /** @description How that is known. */
            energy_source: string;
            /**
             * Format: int64
             * @description The entry of the journal that says so.
             */
            entry: number;
            /**
             * Format: double
             * @description The hub's share of it.
             */
            fee_yuan: number;
            /** @description The job. */
            job: string;
            /** @description What its tenant calls it. */
            job_name: string;
            /**
             * Format: int64
             * @description The entry of the attempt's first bill, where this corrects it or a correction of it.
             */
            original?: number | null;
            /** @description Where it ran. */
            pool: string;
            /**
             * Format: double
             * @description The price.
             */
            price_yuan: number;
            /** @description Who receives. */
            provider: string;
            /**
             * Format: double
             * @description How long it ran.
             */
            run_s: number;
            /** @description Who pays. */
            tenant: string;
        };
        /**
         * @description Who closed something.
         * @enum {string}
         */
        ClosedBy: "operator" | "provider";
        /**
         * @description Something that is to be closed: a site, a pool, or a node of a pool. An instant is written as
         *     `2026-11-23T08:00:00+08:00`, or as a span from now: `2h`.
         */
        ClosingForm: {
            /** @description When a drain stops what still runs; at once if left out. */
            deadline?: string | null;
            /** @description When a window begins. */
            from?: string | null;
            /** @description How. */
            kind: components["schemas"]["ClosingKind"];
            /** @description Of that pool, this node only. */
            node?: string | null;
            /** @description This pool. */
            pool?: string | null;
            /** @description Why, for people. */
            reason?: string | null;
            /** @description Every pool at this site; operators only. */
            site?: string | null;
            /** @description When it opens by itself; a window says it. */
            until?: string | null;
        };
        /**
         * @description How something is closed.
         * @enum {string}
         */
        ClosingKind: "cordon" | "drain" | "window";
        /** @description Closings. */
        ClosingList: {
            /** @description Sites, then pools, then nodes. */
            closings: components["schemas"]["ClosingView"][];
        };
        /** @description A time in which a site, a pool, or a node of a pool takes no work. */
        ClosingView: {
            /** @description Whether it is closed now. */
            begun: boolean;
            /** @description Who closed it, and alone opens it: `operator` or `provider`. */
            by: components["schemas"]["ClosedBy"];
            /** @description RFC 3339. */
            from: string;
            /** @description How. */
            kind: components["schemas"]["ClosingKind"];
            /** @description Of that pool, this node only. */
            node?: string | null;
            /** @description This pool. */
            pool?: string | null;
            /** @description Why, for people. */
            reason: string;
            /** @description Every pool at this site. */
            site?: string | null;
            /** @description What the census calls that site. */
            site_name?: string | null;
            /** @description When what still runs is stopped; null for never. */
            stop_at?: string | null;
            /** @description RFC 3339; null until somebody opens it. */
            until?: string | null;
        };
        /** @description What became of a correction. */
        Corrected: {
            /** @description Whether anything changed; a reading that is known already changes nothing. */
            changed: boolean;
            /**
             * Format: int64
             * @description The entry that says so.
             */
            entry?: number | null;
            /**
             * Format: double
             * @description What is to be paid now.
             */
            price_yuan: number;
            /**
             * Format: double
             * @description What was to be paid before.
             */
            was_yuan: number;
        };
        /** @description A credit that is given. */
        CreditForm: {
            /**
             * Format: double
             * @description How much.
             */
            amount_yuan: number;
            /** @description Of which programme it is. */
            reason: string;
            /** @description Until when it may be used. */
            until?: string | null;
        };
        /** @description A credit. */
        CreditView: {
            /** Format: double */
            left_yuan: number;
            until?: string | null;
        };
        /** @description Where data lies. */
        DataForm: {
            /** @description By pool or site, how it is reached: a path there, or an address (http, https, rsync) from which it can be brought elsewhere. */
            at: {
                [key: string]: string;
            };
            /** @description The SHA-256 of its content; what is brought is compared with it. */
            sha256?: string | null;
            /** @description "1GiB". */
            size: string;
        };
        /** @description Data that jobs may read, by name. */
        DataList: {
            /** @description All of it. */
            data: components["schemas"]["DataView"][];
        };
        /** @description Data that jobs may read. */
        DataView: {
            /** @description By pool or site, how it is reached; shown to operators only. */
            at: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description Its size.
             */
            bytes: number;
            /** @description Whether it can be brought elsewhere. */
            moves: boolean;
            /** @description By which jobs name it. */
            name: string;
            /** @description The SHA-256 of its content. */
            sha256?: string | null;
        };
        /** @description A bill is contested. */
        DisputeForm: {
            /**
             * Format: int32
             * @description Which attempt, counted from 1; the last one if left out.
             */
            attempt?: number | null;
            /** @description Why. */
            reason: string;
        };
        /** @description Disputes. */
        DisputeList: {
            disputes: components["schemas"]["DisputeView"][];
        };
        /** @description A dispute. */
        DisputeView: {
            /** @description When. */
            at: string;
            /**
             * Format: int32
             * @description Which attempt.
             */
            attempt: number;
            /** @description Who contests it. */
            by: string;
            /** @description What was found. */
            finding?: string | null;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description The job. */
            job: string;
            /**
             * Format: int64
             * @description The entry of the bill that is contested.
             */
            of: number;
            /** @description Why. */
            reason: string;
            /** @description When it was settled. */
            settled_at?: string | null;
        };
        /**
         * @description What was emitted, and what would have been, had all that made use of a choice of hours begun at once where it first fitted and
         *     never paused (docs/green.md). Each is null where it is unknown for any attempt.
         */
        EmittedView: {
            /**
             * Format: double
             * @description Location-based, begun at once.
             */
            carbon_at_once_kg?: number | null;
            /**
             * Format: double
             * @description Location-based: by the grid's factors.
             */
            carbon_kg?: number | null;
            /**
             * Format: double
             * @description Market-based, begun at once.
             */
            carbon_market_at_once_kg?: number | null;
            /**
             * Format: double
             * @description Market-based: without what is bought as green.
             */
            carbon_market_kg?: number | null;
        };
        /** @description The hub at a glance. */
        HubView: {
            /**
             * Format: double
             * @description Their cores.
             */
            cores: number;
            /**
             * Format: double
             * @description Those held by jobs.
             */
            cores_held: number;
            /**
             * Format: int32
             * @description Their accelerators.
             */
            devices: number;
            /**
             * Format: int32
             * @description Those held by jobs.
             */
            devices_held: number;
            /** @description Its name. */
            name: string;
            /** @description Its name in Chinese. */
            name_zh: string;
            /** @description Their nodes. */
            nodes: number;
            /** @description Now, with the hub's own offset. */
            now: string;
            /** @description Jobs that hold a place, those that run among them. */
            placed: number;
            /** @description How many pools. */
            pools: number;
            power?: components["schemas"]["PowerView"] | null;
            /** @description Role of the token that asked. */
            role: string;
            /** @description Jobs that run. */
            running: number;
            /** @description Its subject. */
            subject: string;
            /** @description How many tenants. */
            tenants: number;
            /** @description Version of the program. */
            version: string;
            /** @description Jobs without a place. */
            waiting: number;
            /** @description Where the hub is that writes, while this one stands by: empty where that is not known, `null` where it is this one. */
            writer?: string | null;
        };
        /** @description A page of jobs. */
        JobList: {
            /** @description Newest first. */
            jobs: components["schemas"]["JobView"][];
            /** @description Give it as `after` for the next page; null on the last. */
            next?: string | null;
        };
        /** @description A job. */
        JobView: {
            /**
             * Format: double
             * @description Carbon emitted; null where no factor is known.
             */
            carbon_kg?: number | null;
            /** @description Program and arguments; not shown to providers. */
            command: string[];
            /**
             * Format: double
             * @description What was paid; null until it ended.
             */
            cost_yuan?: number | null;
            /**
             * Format: double
             * @description Cores for each replica.
             */
            cpu: number;
            /**
             * Format: double
             * @description Core-seconds used.
             */
            cpu_s?: number | null;
            /**
             * Format: int32
             * @description Devices for each replica.
             */
            devices: number;
            emitted?: components["schemas"]["EmittedView"] | null;
            /** @description How it ended, where there is more to say than its state. */
            end?: string | null;
            /** @description RFC 3339. */
            ended_at?: string | null;
            /**
             * Format: double
             * @description Energy, with the facility's share where its PUE is published; null while unknown.
             */
            energy_kwh?: number | null;
            /** @description rapl, cluster, modelled or unknown. */
            energy_source?: string | null;
            /**
             * Format: int32
             * @description As a shell gives it.
             */
            exit_code?: number | null;
            /** @description `job-42`. */
            id: string;
            /** @description Data that it reads. */
            inputs?: string[];
            /**
             * Format: int64
             * @description Memory for each replica; zero is no limit.
             */
            memory_bytes: number;
            /** @description Acceptable models; empty for any. */
            models: string[];
            /** @description What its tenant calls it. */
            name: string;
            /** @description The node of each replica, while it has a place; told of a single job only. */
            nodes?: string[];
            /** @description What its site says of it, while it has it and has not started it; told of a single job only. */
            note?: string | null;
            /** @description What is brought where once it has ended well; not shown to providers. */
            outputs?: components["schemas"]["OutputForm"][];
            /**
             * Format: double
             * @description How much of its one device a replica asks for, if not all of it.
             */
            part?: number | null;
            /**
             * Format: int64
             * @description Peak memory.
             */
            peak_memory_bytes?: number | null;
            /** @description RFC 3339. */
            placed_at?: string | null;
            /** @description Where it is or was. */
            pool?: string | null;
            /**
             * Format: int32
             * @description Higher goes first.
             */
            priority: number;
            /**
             * Format: int32
             * @description How many start together.
             */
            replicas: number;
            /**
             * Format: double
             * @description From the start of its last attempt to its end, or to now; null before it starts.
             */
            run_s?: number | null;
            /** @description RFC 3339. */
            started_at?: string | null;
            /** @description waiting, placed, running, stopping, done, failed, cancelled or lost. */
            state: string;
            /** @description RFC 3339. */
            submitted_at: string;
            /** @description Whose it is. */
            tenant: string;
            /**
             * Format: double
             * @description Stopped when it ran so long.
             */
            time_limit_s?: number | null;
            /**
             * Format: double
             * @description How much of that it waited by choice, for cleaner or cheaper hours: what counts in no queue. Shown with one job.
             */
            wait_by_choice_s?: number | null;
            /**
             * Format: double
             * @description Waiting for a place and for its start, in all attempts together, until now or its end. What a lost attempt ran is counted
             *     as waiting where nobody knows it.
             */
            wait_s: number;
        };
        /** @description A pool that is to join. */
        JoinForm: {
            /** @description What starts the work there; `local` if left out. */
            executor?: string | null;
            /**
             * Format: int32
             * @description How many plain hosts are to join now, each with an agent and a token of its own; one if left out.
             */
            hosts?: number | null;
            /** @description Its name, unique in the hub. */
            name: string;
            /** @description Who owns it. */
            provider: string;
            /** @description The site it stands at, if the census has it. */
            site?: string | null;
        };
        /** @description That a job goes on only while whoever submitted it is heard of. */
        LeaseForm: {
            /** @description What whoever it is says in the header `x-shugu-agent` of each request, with a token of the job's tenant. */
            holder: string;
            /** @description After so long without such a request it is cancelled: "10m"; 3 seconds at least. */
            span: string;
        };
        /** @description What became of a job. */
        Life: {
            /** @description Oldest first. */
            events: components["schemas"]["LifeEvent"][];
        };
        /** @description Something that happened to a job. */
        LifeEvent: {
            /** @description RFC 3339. */
            at: string;
            /**
             * Format: int32
             * @description Which attempt, counted from 1, where it is about one.
             */
            attempt?: number | null;
            /**
             * Format: int64
             * @description The entry of the journal that says so.
             */
            entry: number;
            /** @description Where, where it is about a place. */
            pool?: string | null;
            /** @description In a sentence. */
            text: string;
            /** @description submitted, expected, at_once, put_off, reserved, placed, started, part, stopping, yielded, ended, billed, corrected or disputed. */
            what: string;
        };
        /** @description What is to be allowed in a pool. */
        LimitsForm: {
            /**
             * Format: int32
             * @description Devices the hub may hold at a time; of a pool without accelerators, cores. All there are if left out.
             */
            most?: number | null;
            /** @description Tenants whose work is not taken, their projects' included. */
            veto?: string[];
        };
        /** @description What the provider of a pool allows there. */
        LimitsView: {
            /**
             * Format: int32
             * @description Devices the hub may hold at a time; of a pool without accelerators, cores. Null for all there are.
             */
            most?: number | null;
            /** @description The pool. */
            pool: string;
            /** @description Tenants whose work is not taken, their projects' included. */
            veto: string[];
        };
        /** @description What was held in an hour. */
        LoadHour: {
            /**
             * Format: double
             * @description Cores × time.
             */
            core_hours: number;
            /**
             * Format: double
             * @description Devices × time.
             */
            device_hours: number;
            /** @description When it began, RFC 3339. */
            from: string;
        };
        /** @description The load of pools, hour by hour. */
        LoadView: {
            /**
             * Format: double
             * @description Their cores.
             */
            cores: number;
            /**
             * Format: int32
             * @description Devices of these pools, as they are now.
             */
            devices: number;
            /** @description Oldest first; the last one is not over. */
            hours: components["schemas"]["LoadHour"][];
        };
        /** @description A token that was made. It is shown once and never again. */
        MadeToken: {
            /**
             * Format: int64
             * @description Its number, to revoke it by.
             */
            id: number;
            /** @description Those of the further hosts, where several were asked for. */
            more?: string[];
            /** @description operator, provider, tenant or agent. */
            role: string;
            /** @description As whom. */
            subject: string;
            /** @description The token. */
            token: string;
        };
        /** @description What a benchmark found. */
        MeasurementForm: {
            /** @description The job that ran it. */
            job: string;
            /** @description What ran, in words. */
            method: string;
            /** @description fp64, fp32, tf32, fp16, fp8, fp4 or int8. */
            precision: string;
            /**
             * Format: double
             * @description The rate that was reached, of all devices or cores of the job together.
             */
            tflops: number;
        };
        /** @description A page of a pool's nodes. */
        NodeList: {
            /** @description Give it as `after` for the next page; null on the last. */
            next?: string | null;
            /** @description In the order in which they were first seen. */
            nodes: components["schemas"]["NodeView"][];
            /** @description How many the pool has. */
            total: number;
        };
        /** @description A node of a pool. */
        NodeView: {
            /** @description Whether it is switched off to save power; it wakes for work. */
            asleep?: boolean;
            /**
             * Format: double
             * @description Cores.
             */
            cores: number;
            /**
             * Format: double
             * @description Those that nobody holds.
             */
            cores_free: number;
            /**
             * Format: int32
             * @description Accelerators.
             */
            devices: number;
            /**
             * Format: double
             * @description Those of which neither the hub's jobs nor others hold anything, and what is left of the others.
             */
            devices_free: number;
            /** @description Whether it runs container images. */
            images?: boolean;
            /** @description Jobs with a place on it. */
            jobs: number;
            /** @description Whether it is kept for a job that waits. */
            kept: boolean;
            /**
             * Format: int64
             * @description Memory.
             */
            memory_bytes: number;
            /**
             * Format: int64
             * @description What nobody holds of it.
             */
            memory_free_bytes: number;
            /** @description Model of its accelerators. */
            model?: string | null;
            /** @description Its name. */
            name: string;
            /** @description When it opens again, where it is closed and that is known. */
            opens_at?: string | null;
            /** @description Why it is out of service, or closed; what somebody said of a closing is not shown to tenants. */
            reason?: string | null;
            /** @description open, cordoned, drained (what runs is stopped at once or at a deadline), window (a window has begun), out_of_service or silent. */
            state: string;
            /** @description Whether its cores are given whole only. */
            whole_cores?: boolean;
            /** @description Whether its devices are given whole only, and no parts of one. */
            whole_devices?: boolean;
        };
        /** @description How a job is told to stop. */
        NoticeForm: {
            /** @description From there to its end by force: "2m". */
            grace: string;
            /** @description A signal by name or number: "USR1". */
            signal: string;
        };
        /** @description What a hub ran in a year. */
        Operations: {
            /**
             * Format: int64
             * @description Attempts that had a place and are over.
             */
            attempts: number;
            /**
             * Format: double
             * @description What would have been emitted, had all that chose its hours begun at once where it first fitted; location-based.
             */
            carbon_at_once_kg?: number | null;
            /**
             * Format: double
             * @description Carbon, location-based; null if unknown for any.
             */
            carbon_kg?: number | null;
            /**
             * Format: double
             * @description Market-based.
             */
            carbon_market_at_once_kg?: number | null;
            /**
             * Format: double
             * @description Market-based.
             */
            carbon_market_kg?: number | null;
            /** Format: double */
            device_hours: number;
            /** Format: double */
            energy_kwh: number;
            /** Format: double */
            fee_yuan: number;
            /** @description From when. */
            from: string;
            /** Format: double */
            paid_yuan: number;
            /** @description Until when. */
            to: string;
            /**
             * Format: double
             * @description Device-hours over those of the connected devices in that time, as they are at its end; null where there are none.
             */
            utilisation?: number | null;
        };
        /** @description Something that a job writes, and where it is brought. */
        OutputForm: {
            /** @description A file or a folder; in the job's own folder unless it begins with a slash. */
            path: string;
            /** @description `https://`, `http://`, `rsync://` or `s3://`, or a path at the site. Where it ends with a slash the name is kept. */
            to: string;
        };
        /** @description Every pool. */
        PoolList: {
            /** @description By order of joining. */
            pools: components["schemas"]["PoolView"][];
        };
        /** @description A pool. */
        PoolView: {
            /** @description Whether its agent is in touch. */
            contact: boolean;
            /**
             * Format: double
             * @description Cores.
             */
            cores: number;
            /**
             * Format: double
             * @description Those held by jobs.
             */
            cores_held: number;
            /**
             * Format: double
             * @description Cores that others hold, or that are out of service.
             */
            cores_others?: number;
            /**
             * Format: int32
             * @description Accelerators.
             */
            devices: number;
            /**
             * Format: int32
             * @description Those held by jobs.
             */
            devices_held: number;
            /**
             * Format: int32
             * @description Accelerators that others than the hub's jobs hold, or that are out of service.
             */
            devices_others?: number;
            /** @description What starts the work. */
            executor: string;
            /** @description Jobs that hold a place. */
            jobs: number;
            /**
             * Format: int64
             * @description Memory of all nodes.
             */
            memory_bytes: number;
            /** @description Model of its accelerators. */
            model?: string | null;
            /** @description Its name. */
            name: string;
            /** @description How many nodes. */
            nodes: number;
            /** @description How many of them are switched off to save power; they wake for work. */
            nodes_asleep?: number;
            /** @description Nodes that the site's manager has taken out of service, with its reason. */
            out_of_service?: {
                [key: string]: string;
            };
            /** @description Who owns it. */
            provider: string;
            /** @description Where it stands; null for a machine that is no data centre. */
            site?: string | null;
        };
        /** @description One pool's answer to why a job waits. */
        PoolWhyView: {
            /**
             * Format: int32
             * @description How many replicas would fit now.
             */
            fits: number;
            /** @description The pool. */
            pool: string;
            /** @description What is short: `code` and its numbers. */
            reason?: Record<string, never> | null;
        };
        /** @description What the hub draws now, as far as anybody knows. */
        PowerView: {
            /**
             * Format: double
             * @description By the grid's factor of the hour; null where it is unknown for a part of the power.
             */
            carbon_kg_per_hour?: number | null;
            /**
             * Format: double
             * @description Read and modelled together; null where nothing is known.
             */
            kw?: number | null;
            /**
             * Format: double
             * @description Where nobody reads: what jobs hold × the power it is designed for × the site's PUE, if known.
             */
            modelled_kw: number;
            /** @description Pools that are modelled. */
            pools_modelled: number;
            /** @description Pools of which nothing is known, though jobs hold something there: they are in no figure. */
            pools_unknown: number;
            /**
             * Format: double
             * @description By the readings of sites.
             */
            read_kw: number;
            /** @description Sites that are read. */
            sites_read: number;
        };
        /** @description What a meter says of an attempt after it has ended. What is left out stays as it is. */
        ReadingForm: {
            /**
             * Format: int32
             * @description Which attempt, counted from 1; the last one if left out.
             */
            attempt?: number | null;
            /**
             * Format: double
             * @description Core-time used.
             */
            cpu_s?: number | null;
            /**
             * Format: double
             * @description Energy at the machine.
             */
            energy_kwh?: number | null;
            /**
             * Format: int64
             * @description Peak memory.
             */
            peak_memory_bytes?: number | null;
            /** @description When it was read; now if left out. One that is older than what is known is refused. */
            read_at?: string | null;
            /**
             * Format: double
             * @description How long it ran, in seconds.
             */
            run_s?: number | null;
            /**
             * Format: double
             * @description The part of what its devices can do that they did, 0 to 1.
             */
            utilisation?: number | null;
        };
        /** @description How the hub says no. */
        Refused: {
            error: {
                /** @description For programs. */
                code: string;
                /** @description What of the input is wrong. */
                field?: string;
                /** @description For people. */
                message: string;
            } & {
                [key: string]: unknown;
            };
        };
        /** @description The year's report as of a date. */
        ReportView: Record<string, never> & {
            operations?: components["schemas"]["Operations"] | null;
        };
        /** @description Scenarios to begin with. */
        ScenarioList: {
            scenarios: components["schemas"]["ScenarioView"][];
        };
        /** @description A scenario to begin with. */
        ScenarioView: {
            /** @description Its name. */
            name: string;
            /** @description TOML. */
            text: string;
        };
        /** @description The ways to sign in, beside a token. */
        SignInView: {
            oidc?: components["schemas"]["SignInWay"] | null;
        };
        /** @description A way to sign in. */
        SignInWay: {
            /** @description What the button says. */
            name: string;
        };
        /** @description Some readings of a price, a carbon factor, a PUE or a power. */
        SignalForm: {
            /** @description electricity (yuan/kWh), carbon (kg/kWh), pue, or power (kW). */
            kind: string;
            /** @description Instants and values. One of an instant that is known replaces it. */
            readings: components["schemas"]["SignalReading"][];
            /** @description `site:ID`, or a region. */
            scope: string;
            /** @description Where they are from. */
            source: string;
        };
        /** @description Series. */
        SignalList: {
            signals: components["schemas"]["SignalView"][];
        };
        /** @description One reading. */
        SignalReading: {
            /** @description From when it holds. */
            at: string;
            /**
             * Format: double
             * @description In the kind's unit.
             */
            value: number;
        };
        /** @description A series. */
        SignalView: {
            /** @description The same of each model there is, where they were to be compared. */
            errors?: {
                [key: string]: number;
            };
            /** @description By which model. */
            forecast?: string | null;
            /**
             * Format: double
             * @description How far what was foretold a day ahead was off in the last thirty days, on average, as a part of the mean reading.
             */
            forecast_error?: number | null;
            /** @description What is foretold of the hours ahead, from what was read: instants and values. */
            foretold: [
                string,
                number
            ][];
            kind: string;
            /** @description Instants and values. */
            readings: [
                string,
                number
            ][];
            scope: string;
            unit: string;
        };
        /** @description What was taken over. */
        SignalsTaken: {
            /** @description Readings that were known already. */
            known: number;
            /** @description Readings that are new or changed something. */
            taken: number;
        };
        /** @description What a site drew in a period. */
        SiteEnergyView: Record<string, never> & {
            /**
             * Format: double
             * @description The highest reading × the demand price of a two-part tariff, in a month; null without one.
             */
            demand_cost_yuan?: number | null;
            /**
             * Format: double
             * @description What the energy cost by the price of each hour; null where one has none.
             */
            energy_cost_yuan?: number | null;
            /** @description `2026-11`, in the hub's local time. */
            period: string;
            site: string;
        };
        /** @description Sites. */
        SiteList: {
            /** @description Those with a name of their own first, by id. */
            sites: components["schemas"]["SiteView"][];
        };
        /** @description A data centre: what the census knows of it, and what its pools tell. */
        SiteView: {
            /**
             * Format: double
             * @description What it draws by what jobs hold there, cooling and losses included; not shown to those whom it does not concern, like those below.
             */
            booked_kw?: number | null;
            /**
             * @description Figures above that their source gives as a bound, or about so, by field and in its words: `<1.2`, `>=30`, `~1.1`. The number above is
             *     the edge.
             */
            bounds?: {
                [key: string]: string;
            };
            /** @description Class of those figures, if stated. */
            class?: string | null;
            /** @description Whether all of it is closed now. */
            closed: boolean;
            /**
             * Format: double
             * @description Published computing power, of the class and precision below.
             */
            computing_power_pflops?: number | null;
            /**
             * Format: double
             * @description Computing power planned.
             */
            computing_power_planned_pflops?: number | null;
            /**
             * Format: double
             * @description Their cores.
             */
            cores: number;
            /**
             * Format: double
             * @description Those held by jobs.
             */
            cores_held: number;
            /**
             * Format: int32
             * @description Their accelerators.
             */
            devices: number;
            /**
             * Format: int32
             * @description Those held by jobs.
             */
            devices_held: number;
            /** @description The strongest evidence for what it has: announced, declared, seen, measured or metered. */
            evidence: string;
            /** @description Its id in the census. */
            id: string;
            /** @description Jobs that hold a place there. */
            jobs: number;
            /**
             * Format: double
             * @description Degrees north.
             */
            latitude?: number | null;
            /**
             * Format: double
             * @description Degrees east.
             */
            longitude?: number | null;
            /** @description Its name in English. */
            name: string;
            /** @description Its name in Chinese. */
            name_zh?: string | null;
            /** @description False for one that is counted because a published total says it exists. */
            named: boolean;
            /** @description Their nodes. */
            nodes: number;
            /** @description Anything a reader must know. */
            note: string;
            /**
             * Format: double
             * @description The highest of this month so far, by what jobs held.
             */
            peak_kw?: number | null;
            /** @description Its pools that have joined. */
            pools: string[];
            /** @description `stated` by a source, or that of its `zone`; null where neither is known. */
            position?: string | null;
            /**
             * Format: double
             * @description What it may draw at most now.
             */
            power_cap_kw?: number | null;
            /**
             * Format: double
             * @description What it draws by its own readings; not shown to those whom it does not concern.
             */
            power_kw?: number | null;
            /** @description Precision of those figures, if stated. */
            precision?: string | null;
            /** @description Prefecture, as the source names it. */
            prefecture: string;
            /** @description Who runs it. */
            provider?: string | null;
            /**
             * Format: double
             * @description Power usage effectiveness now.
             */
            pue?: number | null;
            /** @description `signal` where it was read this hour, `stated` where a source gives it. */
            pue_source?: string | null;
            /**
             * Format: double
             * @description Racks installed.
             */
            racks?: number | null;
            /**
             * Format: double
             * @description Racks planned.
             */
            racks_planned?: number | null;
            /**
             * Format: double
             * @description Up to where work that has time may raise it; null where nothing keeps it from that.
             */
            shaved_to_kw?: number | null;
            /** @description Pools whose agent is not in touch. */
            silent_pools: number;
            /** @description Where this is known from. */
            source: string;
            /** @description announced, building, commissioning, operating, retiring, retired or unknown: as of now. */
            stage: string;
            /** @description When that was so. */
            stage_date?: string | null;
            /** @description Zone or county. */
            zone: string;
        };
        /** @description A smaller wish that would start now. */
        SmallerView: {
            /** @description devices, replicas, cpus, memory, models or time_limit. */
            field: string;
            /** @description What was asked; null where nothing was. */
            from?: string | null;
            /** @description Where. */
            pool: string;
            /** @description What would start. */
            to: string;
        };
        /** @description What a tenant pays, or a provider receives, for a period. */
        Statement: {
            /** @description ISO 4217. */
            currency: string;
            /** @description `tenant` or `provider`. */
            kind: string;
            /** @description By pool and counterpart. */
            lines: components["schemas"]["StatementLine"][];
            /** @description Whose. */
            name: string;
            /** @description `2026-11`, in the hub's local time. */
            period: string;
            /**
             * Format: double
             * @description The sum, exactly.
             */
            total_yuan: number;
        };
        /** @description A line of a statement. */
        StatementLine: {
            /**
             * Format: double
             * @description What this statement's owner pays (tenant) or receives (provider).
             */
            amount_yuan: number;
            /**
             * Format: double
             * @description What would have been emitted, had all that chose its hours begun at once where it first fitted; location-based.
             */
            carbon_at_once_kg?: number | null;
            /**
             * Format: double
             * @description Carbon, location-based; null if unknown for any.
             */
            carbon_kg?: number | null;
            /**
             * Format: double
             * @description Market-based.
             */
            carbon_market_at_once_kg?: number | null;
            /**
             * Format: double
             * @description Market-based.
             */
            carbon_market_kg?: number | null;
            /**
             * Format: double
             * @description Cores held.
             */
            core_hours: number;
            /** @description The other side: the provider on a tenant's statement, the tenant on a provider's. */
            counterpart: string;
            /**
             * Format: double
             * @description Devices held.
             */
            device_hours: number;
            /**
             * Format: double
             * @description What that energy cost by the hour's tariff (told, not charged); null if unknown for any job.
             */
            energy_cost_yuan?: number | null;
            /**
             * Format: double
             * @description Energy.
             */
            energy_kwh: number;
            /**
             * Format: double
             * @description The hub's share of it.
             */
            fee_yuan: number;
            /**
             * Format: int64
             * @description How many jobs.
             */
            jobs: number;
            /** @description Where the jobs ran. */
            pool: string;
            /**
             * Format: double
             * @description The price of these jobs.
             */
            price_yuan: number;
        };
        /** @description Everybody's statements of a period. */
        Statements: {
            /**
             * Format: double
             * @description The hub's fees. Paid = received + fees, exactly.
             */
            fee_yuan: number;
            /**
             * Format: double
             * @description What all tenants pay.
             */
            paid_yuan: number;
            /** @description `2026-11`, in the hub's local time. */
            period: string;
            /**
             * Format: double
             * @description What all providers receive.
             */
            received_yuan: number;
            /** @description Tenants' first, then providers', by name. */
            statements: components["schemas"]["Statement"][];
        };
        /** @description A study that was begun. */
        StudyBegun: {
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
        };
        /** @description What is to be found out. */
        StudyForm: {
            /** @enum {string} */
            kind: "replay";
            /** @description What people call it. */
            name?: string | null;
            /** @description Shipped policies: default, fair, fifo, sjf, bestfit, fgd. */
            policies: string[];
            /** @description One of their own, as TOML (docs/policies.md); `own` in what is found. */
            policy?: string | null;
        } | {
            /**
             * Format: int32
             * @description Plan for other targets and limits too, with so many points a line.
             */
            frontier?: number | null;
            /** @enum {string} */
            kind: "plan";
            /** @description What people call it. */
            name?: string | null;
            /**
             * Format: double
             * @description The cheapest plan that meets every target with this probability, 0 to 1.
             */
            probability?: number | null;
            /** @description The scenario, as TOML (docs/plan.md). */
            scenario: string;
            /**
             * Format: int32
             * @description Stop after so long and keep the best; 60 if left out.
             */
            seconds?: number | null;
        };
        /** @description A study and what it found. */
        StudyFound: components["schemas"]["StudyView"] & {
            /** @description SVG. */
            picture?: string | null;
            /** @description As it was asked. */
            request: Record<string, never>;
            /** @description What `shugu replay --json` or `shugu plan --json` prints; null until it is done. */
            result?: Record<string, never> | null;
        };
        /** @description Studies. */
        StudyList: {
            /** @description Newest first. */
            studies: components["schemas"]["StudyView"][];
        };
        /** @description A study. */
        StudyView: {
            /** @description RFC 3339. */
            asked_at: string;
            /** @description Who asked. */
            by: string;
            /** @description RFC 3339; null while it is under way. */
            ended_at?: string | null;
            /** @description What went wrong. */
            error?: string | null;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description replay or plan. */
            kind: string;
            /** @description What people call it. */
            name: string;
            /**
             * Format: double
             * @description How long it took, or takes so far.
             */
            seconds: number;
            /** @description RFC 3339; null while it waits for its turn. */
            started_at?: string | null;
            /** @description waiting, running, done, failed or stopped. */
            state: string;
        };
        /** @description A job to be submitted. Everything but the command has a default. */
        SubmitForm: {
            /** @description Jobs that must have started before. */
            after?: string[];
            /** @description Jobs that must have ended before, however. */
            after_any?: string[];
            /** @description Jobs that must have ended well before; if one does not, this one never starts. */
            after_ok?: string[];
            /** @description Other ways to serve a replica, in order of preference after `devices` and `models`. */
            alternatives?: components["schemas"]["Alternative"][];
            /** @description Where the tasks of the array must not meet: `nodes` or `sites`. */
            apart?: string | null;
            /**
             * Format: int32
             * @description So many tasks of the same job; each learns its number from SHUGU_ARRAY_INDEX.
             */
            array?: number | null;
            /** @description Program and arguments. */
            command: string[];
            /** @description Cores for each replica: 2, 0.5 or "500m". One core if no devices are asked for. */
            cpus?: string | null;
            /**
             * @description When it should have ended: "2026-12-01T08:00:00Z". Its turn is the latest start that keeps it, so the most
             *     pressing goes first; refused if it cannot be met.
             */
            deadline?: string | null;
            /**
             * Format: int32
             * @description The least memory of a device, in GB.
             */
            device_memory_gb?: number | null;
            /**
             * Format: double
             * @description Devices for each replica, or a part of one such as 0.5; leave out for work on cores only.
             */
            devices?: number | null;
            /** @description Working directory at the site; the job's own folder if left out. */
            directory?: string | null;
            /** @description Environment. */
            env?: {
                [key: string]: string;
            };
            /**
             * @description Container image, as a registry names it: "registry.example/team/train:3". It runs only where images are run then;
             *     if left out, in the software that a site has.
             */
            image?: string | null;
            /** @description Data that it reads: its place is weighed against bringing it, and SHUGU_INPUT_NAME says where it lies. */
            inputs?: string[];
            lease?: components["schemas"]["LeaseForm"] | null;
            /**
             * Format: double
             * @description The highest PUE of a site at which it may run.
             */
            max_pue?: number | null;
            /** @description Memory for each replica: "512MiB". Nothing is reserved or limited if left out. */
            memory?: string | null;
            /** @description Acceptable device models: a model, or the beginning of several ("Ascend 910B"). */
            models?: string[];
            /** @description What to call it; the program's name if left out. */
            name?: string | null;
            notice?: components["schemas"]["NoticeForm"] | null;
            /** @description What is brought where once it has ended well. */
            outputs?: components["schemas"]["OutputForm"][];
            /**
             * @description How long it may wait, pauses included, for hours in which power is cheaper or cleaner: `now` (not at all), `today` (a day),
             *     `this-week` (seven days), or a length of time such as "6h"; as arranged with its tenant if left out. It never waits so for longer
             *     than its deadline leaves.
             */
            patience?: string | null;
            /** @description Pools at which it may run; any if left out. */
            pools?: string[];
            /**
             * @description The least computing power of all replicas together, dense: "20 PFLOPS fp16". As many replicas are started as
             *     reach it.
             */
            power?: string | null;
            /** @description Whether it may be stopped for other work and be started anew later. */
            preemptible?: boolean;
            /**
             * Format: int32
             * @description Higher goes first; -100 to 100.
             */
            priority?: number | null;
            /**
             * Format: int32
             * @description How many replicas start together, or not at all.
             */
            replicas?: number | null;
            /**
             * Format: int32
             * @description How often it is tried again after its place was lost. Its program's own failure is never retried.
             */
            retries?: number | null;
            /** @description Sites at which it may run, where its data must stay there; any if left out. */
            sites?: string[];
            /** @description `nodes` for no two replicas on one node. */
            spread?: string | null;
            suspend?: components["schemas"]["SuspendForm"] | null;
            /** @description Whose job it is; operators only. A tenant's token says it already. */
            tenant?: string | null;
            /** @description Stopped when it ran so long: "2h", "90s" or seconds. */
            time_limit?: string | null;
        };
        /** @description A job that was accepted. */
        Submitted: {
            /** @description `job-42`. */
            id: string;
            /** @description That most of a budget is spent or held. */
            warning?: string | null;
        };
        /** @description That a job can be suspended, and what that costs. */
        SuspendForm: {
            /** @description How long it takes from its start until it goes on: "5m"; no time if left out. */
            load?: string | null;
            /** @description How long it takes to save its state: "2m"; no time if left out. */
            save?: string | null;
        };
        /** @description What a tenant is to be due. */
        TenantForm: {
            /**
             * Format: int32
             * @description Devices it gets back from borrowers whenever it needs them.
             */
            guaranteed?: number | null;
            /**
             * Format: int32
             * @description Devices it never exceeds.
             */
            most?: number | null;
            /** @description The tenant it is a project of; none if left out. */
            parent?: string | null;
            /**
             * @description How long its jobs may wait by choice that do not say so: `now`, `today`, `this-week` or a length of time; as with the tenant above it
             *     if left out, and where nobody says, not at all.
             */
            patience?: string | null;
            /**
             * Format: int32
             * @description Its weight among its siblings, 1 to 1000000; 1 if left out.
             */
            weight?: number | null;
        };
        /** @description Tenants. */
        TenantList: {
            /** @description By name; projects follow the tenant that they are projects of. */
            tenants: components["schemas"]["TenantView"][];
        };
        /** @description What a tenant is due, holds and used; a tenant's projects are counted in. */
        TenantView: {
            /**
             * Format: double
             * @description Devices it holds now, parts of one included.
             */
            devices_held: number;
            /**
             * Format: double
             * @description The part that its weight, and those above it, give it while everybody wants more.
             */
            due: number;
            /**
             * Format: int32
             * @description Devices it gets back from borrowers whenever it needs them.
             */
            guaranteed?: number | null;
            /**
             * Format: int32
             * @description Devices it never exceeds.
             */
            most?: number | null;
            /** @description Its name. */
            name: string;
            /** @description The tenant it is a project of. */
            parent?: string | null;
            /** @description How long its jobs may wait by choice that do not say so. */
            patience?: string | null;
            /**
             * Format: double
             * @description Its part of all tenants' use; null while nobody used a device.
             */
            share?: number | null;
            /**
             * Format: double
             * @description Its use that is not forgotten yet, in hours of a device of 100 TFLOPS dense fp16, as of when it last got a place or
             *     gave one back. After each half-life half of it counts.
             */
            used_device_hours: number;
            /**
             * Format: int32
             * @description Its weight among its siblings.
             */
            weight: number;
        };
        /** @description A token that is to be made. */
        TokenForm: {
            /** @description How long it is good, such as `90d`; until it is revoked if left out. */
            life?: string | null;
            /** @description operator, auditor, provider or tenant (a pool's is made when it joins). */
            role: string;
            /** @description As whom. A tenant of this name is let in. */
            subject: string;
        };
        /** @description Every token. */
        TokenList: {
            /** @description By number. */
            tokens: components["schemas"]["TokenView"][];
        };
        /** @description A token, without its secret. */
        TokenView: {
            /** @description RFC 3339. */
            created_at: string;
            /** @description When it ends by itself, if it does. */
            expires_at?: string | null;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description RFC 3339; null while it is valid. */
            revoked_at?: string | null;
            /** @description operator, provider, tenant or agent. */
            role: string;
            /** @description As whom. */
            subject: string;
        };
        /** @description A dispute is settled. */
        VerdictForm: {
            /** @description What was found. */
            finding: string;
            /**
             * Format: double
             * @description What is to be paid instead; the bill stands if left out.
             */
            price_yuan?: number | null;
        };
        /** @description Whom to tell of what. */
        WebhookForm: {
            /** @description job, money; both if left out. */
            events?: string[] | null;
            /** @description Everything since the hub's first entry, and not only what happens from now on. */
            from_the_beginning?: boolean;
            /** @description Only what concerns this tenant. */
            tenant?: string | null;
            /** @description Where events are sent: http or https. */
            url: string;
        };
        /** @description Webhooks. */
        WebhookList: {
            /** @description By name. */
            webhooks: components["schemas"]["WebhookView"][];
        };
        /** @description A webhook. */
        WebhookView: {
            /**
             * Format: int64
             * @description How many entries there are that were not looked at yet.
             */
            behind: number;
            /** @description job, money. */
            events: string[];
            /** @description RFC 3339. */
            made_at: string;
            /** @description Its name. */
            name: string;
            /** @description By which it knows that what it is told is of this hub (Standard Webhooks); told once, when it is made. */
            secret?: string | null;
            /** @description Only what concerns this tenant. */
            tenant?: string | null;
            /**
             * Format: int64
             * @description The last entry of the journal that was told, or need not be.
             */
            told: number;
            /** @description Why the receiver cannot be told now. */
            trouble?: string | null;
            /** @description Where events are sent. */
            url: string;
        };
        /** @description Why a job waits. */
        WhyView: {
            /** @description The first jobs that are served before it, of those that the asker may see. */
            ahead?: string[];
            /**
             * Format: int64
             * @description How many jobs are served before it.
             */
            ahead_count?: number;
            /**
             * @description How that is known: kept (nodes are kept for it), foreseen (the engine was run forward), extrapolated (from the pace
             *     of the jobs before it) or unknown.
             */
            foresight?: string | null;
            /** @description In a sentence. */
            message: string;
            /** @description Pool by pool. */
            pools: components["schemas"]["PoolWhyView"][];
            /** @description `code` and its numbers; null if it does not wait. */
            reason?: Record<string, never> | null;
            /** @description The smallest changes that would start it now. */
            smaller?: components["schemas"]["SmallerView"][];
            /** @description When it is expected to start; null while that cannot be told. */
            starts_at?: string | null;
            /** @description The job's state. */
            state: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/openmetrics-text": string;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    hello: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    inventory: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    join_agent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    agent_logs: {
        parameters: {
            query: {
                /** @description The byte it begins at. */
                from: number;
                /** @description False if the site has no such output. */
                found: boolean;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/plain": string;
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    agent_pool: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    renew_agent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    reports: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    wanted: {
        parameters: {
            query: {
                /** @description `as_of` of the last answer; 0 for everything. */
                after: number;
                /** @description How long to hold the question while nothing changes. */
                wait_ms: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    audit: {
        parameters: {
            query?: {
                /** @description Only of this token. */
                token?: number | null;
                /** @description Only of this role. */
                role?: string | null;
                /** @description Only of this tenant, provider, pool or operator. */
                subject?: string | null;
                /** @description Only those whose path begins so. */
                path?: string | null;
                /** @description The one that brought this entry of the journal about. */
                entry?: number | null;
                /** @description Only those that were refused. */
                refused?: boolean;
                /** @description Only from then on: RFC 3339, or a day. */
                from?: string | null;
                /** @description Only before. */
                until?: string | null;
                /** @description `next` of the page before. */
                after?: number | null;
                /** @description 1 to 1000; 100 if left out. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AskedList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    books: {
        parameters: {
            query?: {
                /** @description A year, month or day, or `all`; this month if left out. */
                period?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BookView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    census: {
        parameters: {
            query?: {
                /** @description A date; today if left out. Pools are counted as the journal says they were at the end of that day. */
                at?: string | null;
                /** @description Break the ladder down: site, provider, zone, model or class. */
                by?: string | null;
                /** @description Count what this hub's census said at the end of this day, before it was restated; what it says now if left out. */
                known?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    history: {
        parameters: {
            query: {
                /** @description The id of a row of the census: a figure, site, provider, tariff, target. */
                id: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    charges: {
        parameters: {
            query?: {
                /** @description A year, month or day; this month if left out. */
                period?: string | null;
                /** @description Only this tenant's. */
                tenant?: string | null;
                /** @description Only this provider's. */
                provider?: string | null;
                /** @description Only at this pool. */
                pool?: string | null;
                /** @description `next` of the page before. */
                after?: number | null;
                /** @description 1 to 1000; 100 if left out. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChargeList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    closings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosingList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    close: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClosingForm"];
            };
        };
        responses: {
            /** @description Made, and durable. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosingList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    open: {
        parameters: {
            query?: {
                /** @description Every pool at this site. */
                site?: string | null;
                /** @description This pool. */
                pool?: string | null;
                /** @description Of that pool, this node only. */
                node?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosingList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    list_data: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DataList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    keep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DataForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DataView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    forget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DataList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    disputes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisputeList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    judge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerdictForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisputeView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    export: {
        parameters: {
            query?: {
                /** @description A year, month or day, or `all`; this month if left out. */
                period?: string | null;
            };
            header?: never;
            path: {
                format: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    hub: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HubView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    list_jobs: {
        parameters: {
            query?: {
                /** @description Only this tenant's. */
                tenant?: string | null;
                /** @description Only in this state, or in one of these: `failed,lost`. */
                state?: string | null;
                /** @description Only at this pool. */
                pool?: string | null;
                /** @description Only at pools of this site. */
                site?: string | null;
                /** @description Only of this name. */
                name?: string | null;
                /** @description Only with this in its name, large and small letters alike; or the job of this id. */
                search?: string | null;
                /** @description Only those submitted then or later: RFC 3339, or a day, month or year of the hub's time. */
                from?: string | null;
                /** @description Only those submitted before that instant, or up to the end of that day, month or year. */
                until?: string | null;
                /** @description `next` of the page before. */
                after?: string | null;
                /** @description 1 to 1000; 100 if left out. */
                limit?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    submit: {
        parameters: {
            query?: {
                /** @description Only say what would become of it: why it would wait, when it would start, what would start sooner. */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmitForm"];
            };
        };
        responses: {
            /** @description What would become of it (dry_run) */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhyView"];
                };
            };
            /** @description Made, and durable. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Submitted"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The budget does not cover it. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    contest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DisputeForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisputeView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    job_history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Life"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    job_logs: {
        parameters: {
            query?: {
                /** @description `stdout` or `stderr`. */
                stream?: string | null;
                /** @description Which replica. */
                replica?: number | null;
                /** @description Only the last so many bytes. */
                tail?: number | null;
                /** @description From this byte on. */
                from?: number | null;
                /** @description Go on until the job ends. */
                follow?: boolean | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReadingForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Corrected"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    why: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhyView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    load: {
        parameters: {
            query?: {
                /** @description So many hours back from now, 1 to 744; 24 if left out. */
                hours?: number | null;
                /** @description Only pools of this site. */
                site?: string | null;
                /** @description Only this pool. */
                pool?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoadView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    measured: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MeasurementForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    pools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    join: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinForm"];
            };
        };
        responses: {
            /** @description Made, and durable. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeToken"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    limit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LimitsForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    list_nodes: {
        parameters: {
            query?: {
                /** @description `next` of the page before: the name of its last node. */
                after?: string | null;
                /** @description 1 to 1000; 100 if left out. */
                limit?: number | null;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    report: {
        parameters: {
            query?: {
                /** @description A date; today if left out. Pools are counted as the journal says they were at the end of that day. */
                at?: string | null;
                /** @description Break the ladder down: site, provider, zone, model or class. */
                by?: string | null;
                /** @description Count what this hub's census said at the end of this day, before it was restated; what it says now if left out. */
                known?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    scenarios: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScenarioList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    signals: {
        parameters: {
            query?: {
                /** @description electricity, carbon, pue, power or power-cap; all if left out. */
                kind?: string | null;
                /** @description `site:ID` or a region; all if left out. */
                scope?: string | null;
                /** @description From when on; the last day if left out. */
                from?: string | null;
                /** @description Whether all models of forecasts are compared; some seconds for many signals. */
                compare?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    signal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignalForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalsTaken"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    ways_to_sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInView"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; there is nothing to tell. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    sites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    site_energy: {
        parameters: {
            query?: {
                /** @description A year, month or day, or `all`; this month if left out. */
                period?: string | null;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteEnergyView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    statements: {
        parameters: {
            query?: {
                /** @description A tenant's; its own or a project's, where a tenant asks. */
                tenant?: string | null;
                /** @description A provider's; a provider's token says it already. */
                provider?: string | null;
                /** @description A year, month or day; this month if left out. */
                period?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    all_statements: {
        parameters: {
            query?: {
                /** @description A year, month or day, or `all`; this month if left out. */
                period?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statements"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    list_studies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    begin_study: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StudyForm"];
            };
        };
        responses: {
            /** @description Made, and durable. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyBegun"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    study: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyFound"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    end_study: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; there is nothing to tell. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    tenants: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    arrange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountOfTenant"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    budget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BudgetForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountOfTenant"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    lift_budget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountOfTenant"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    grant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreditForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountOfTenant"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    list_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenForm"];
            };
        };
        responses: {
            /** @description Made, and durable. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeToken"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Refused, with the numbers. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; there is nothing to tell. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too late, or in the way of something else. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    list_webhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    keep_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookForm"];
            };
        };
        responses: {
            /** @description As asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookView"];
                };
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The body is larger than the route takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
    forget_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done; there is nothing to tell. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Wrong input; `field` names it. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description No token, or one that is not good. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description A token of this role may not do it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description There is no such thing, or none that the asker may see. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description Too much at once; `Retry-After` says when to ask again. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
            /** @description The hub is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refused"];
                };
            };
        };
    };
}
