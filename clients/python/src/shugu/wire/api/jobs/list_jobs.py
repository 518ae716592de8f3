from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.job_list import JobList
from ...models.refused import Refused
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    tenant: None | str | Unset = UNSET,
    state: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    site: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    search: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_tenant: None | str | Unset
    if isinstance(tenant, Unset):
        json_tenant = UNSET
    else:
        json_tenant = tenant
    params["tenant"] = json_tenant

    json_state: None | str | Unset
    if isinstance(state, Unset):
        json_state = UNSET
    else:
        json_state = state
    params["state"] = json_state

    json_pool: None | str | Unset
    if isinstance(pool, Unset):
        json_pool = UNSET
    else:
        json_pool = pool
    params["pool"] = json_pool

    json_site: None | str | Unset
    if isinstance(site, Unset):
        json_site = UNSET
    else:
        json_site = site
    params["site"] = json_site

    json_name: None | str | Unset
    if isinstance(name, Unset):
        json_name = UNSET
    else:
        json_name = name
    params["name"] = json_name

    json_search: None | str | Unset
    if isinstance(search, Unset):
        json_search = UNSET
    else:
        json_search = search
    params["search"] = json_search

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    else:
        json_until = until
    params["until"] = json_until

    json_after: None | str | Unset
    if isinstance(after, Unset):
        json_after = UNSET
    else:
        json_after = after
    params["after"] = json_after

    json_limit: int | None | Unset
    if isinstance(limit, Unset):
        json_limit = UNSET
    else:
        json_limit = limit
    params["limit"] = json_limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/jobs",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> JobList | Refused | None:
    if response.status_code == 200:
        response_200 = JobList.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Refused.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Refused.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Refused.from_dict(response.json())

        return response_403

    if response.status_code == 429:
        response_429 = Refused.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Refused.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[JobList | Refused]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    tenant: None | str | Unset = UNSET,
    state: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    site: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    search: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> Response[JobList | Refused]:
    """Jobs, newest first. A tenant sees its own and its projects', a provider those that ran in its pools.

    Args:
        tenant (None | str | Unset):
        state (None | str | Unset):
        pool (None | str | Unset):
        site (None | str | Unset):
        name (None | str | Unset):
        search (None | str | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (None | str | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobList | Refused]
    """

    kwargs = _get_kwargs(
        tenant=tenant,
        state=state,
        pool=pool,
        site=site,
        name=name,
        search=search,
        from_=from_,
        until=until,
        after=after,
        limit=limit,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    tenant: None | str | Unset = UNSET,
    state: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    site: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    search: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> JobList | Refused | None:
    """Jobs, newest first. A tenant sees its own and its projects', a provider those that ran in its pools.

    Args:
        tenant (None | str | Unset):
        state (None | str | Unset):
        pool (None | str | Unset):
        site (None | str | Unset):
        name (None | str | Unset):
        search (None | str | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (None | str | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobList | Refused
    """

    return sync_detailed(
        client=client,
        tenant=tenant,
        state=state,
        pool=pool,
        site=site,
        name=name,
        search=search,
        from_=from_,
        until=until,
        after=after,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    tenant: None | str | Unset = UNSET,
    state: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    site: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    search: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> Response[JobList | Refused]:
    """Jobs, newest first. A tenant sees its own and its projects', a provider those that ran in its pools.

    Args:
        tenant (None | str | Unset):
        state (None | str | Unset):
        pool (None | str | Unset):
        site (None | str | Unset):
        name (None | str | Unset):
        search (None | str | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (None | str | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobList | Refused]
    """

    kwargs = _get_kwargs(
        tenant=tenant,
        state=state,
        pool=pool,
        site=site,
        name=name,
        search=search,
        from_=from_,
        until=until,
        after=after,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    tenant: None | str | Unset = UNSET,
    state: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    site: None | str | Unset = UNSET,
    name: None | str | Unset = UNSET,
    search: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> JobList | Refused | None:
    """Jobs, newest first. A tenant sees its own and its projects', a provider those that ran in its pools.

    Args:
        tenant (None | str | Unset):
        state (None | str | Unset):
        pool (None | str | Unset):
        site (None | str | Unset):
        name (None | str | Unset):
        search (None | str | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (None | str | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobList | Refused
    """

    return (
        await asyncio_detailed(
            client=client,
            tenant=tenant,
            state=state,
            pool=pool,
            site=site,
            name=name,
            search=search,
            from_=from_,
            until=until,
            after=after,
            limit=limit,
        )
    ).parsed
