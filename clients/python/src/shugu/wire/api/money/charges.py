from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.charge_list import ChargeList
from ...models.refused import Refused
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    period: None | str | Unset = UNSET,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_period: None | str | Unset
    if isinstance(period, Unset):
        json_period = UNSET
    else:
        json_period = period
    params["period"] = json_period

    json_tenant: None | str | Unset
    if isinstance(tenant, Unset):
        json_tenant = UNSET
    else:
        json_tenant = tenant
    params["tenant"] = json_tenant

    json_provider: None | str | Unset
    if isinstance(provider, Unset):
        json_provider = UNSET
    else:
        json_provider = provider
    params["provider"] = json_provider

    json_pool: None | str | Unset
    if isinstance(pool, Unset):
        json_pool = UNSET
    else:
        json_pool = pool
    params["pool"] = json_pool

    json_after: int | None | Unset
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
        "url": "/v1/charges",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ChargeList | Refused | None:
    if response.status_code == 200:
        response_200 = ChargeList.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ChargeList | Refused]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    period: None | str | Unset = UNSET,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> Response[ChargeList | Refused]:
    """What was charged and corrected in a period, newest first. A tenant sees its own and its projects', a
    provider what ran in its pools.

    Args:
        period (None | str | Unset):
        tenant (None | str | Unset):
        provider (None | str | Unset):
        pool (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChargeList | Refused]
    """

    kwargs = _get_kwargs(
        period=period,
        tenant=tenant,
        provider=provider,
        pool=pool,
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
    period: None | str | Unset = UNSET,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> ChargeList | Refused | None:
    """What was charged and corrected in a period, newest first. A tenant sees its own and its projects', a
    provider what ran in its pools.

    Args:
        period (None | str | Unset):
        tenant (None | str | Unset):
        provider (None | str | Unset):
        pool (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChargeList | Refused
    """

    return sync_detailed(
        client=client,
        period=period,
        tenant=tenant,
        provider=provider,
        pool=pool,
        after=after,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    period: None | str | Unset = UNSET,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> Response[ChargeList | Refused]:
    """What was charged and corrected in a period, newest first. A tenant sees its own and its projects', a
    provider what ran in its pools.

    Args:
        period (None | str | Unset):
        tenant (None | str | Unset):
        provider (None | str | Unset):
        pool (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChargeList | Refused]
    """

    kwargs = _get_kwargs(
        period=period,
        tenant=tenant,
        provider=provider,
        pool=pool,
        after=after,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    period: None | str | Unset = UNSET,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> ChargeList | Refused | None:
    """What was charged and corrected in a period, newest first. A tenant sees its own and its projects', a
    provider what ran in its pools.

    Args:
        period (None | str | Unset):
        tenant (None | str | Unset):
        provider (None | str | Unset):
        pool (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChargeList | Refused
    """

    return (
        await asyncio_detailed(
            client=client,
            period=period,
            tenant=tenant,
            provider=provider,
            pool=pool,
            after=after,
            limit=limit,
        )
    ).parsed
