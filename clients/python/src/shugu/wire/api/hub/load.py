from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.load_view import LoadView
from ...models.refused import Refused
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    hours: int | None | Unset = UNSET,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_hours: int | None | Unset
    if isinstance(hours, Unset):
        json_hours = UNSET
    else:
        json_hours = hours
    params["hours"] = json_hours

    json_site: None | str | Unset
    if isinstance(site, Unset):
        json_site = UNSET
    else:
        json_site = site
    params["site"] = json_site

    json_pool: None | str | Unset
    if isinstance(pool, Unset):
        json_pool = UNSET
    else:
        json_pool = pool
    params["pool"] = json_pool

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/load",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> LoadView | Refused | None:
    if response.status_code == 200:
        response_200 = LoadView.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[LoadView | Refused]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    hours: int | None | Unset = UNSET,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
) -> Response[LoadView | Refused]:
    """What jobs held, hour by hour: of attempts that are billed, and of those that run. A provider sees
    its own pools.

    Args:
        hours (int | None | Unset):
        site (None | str | Unset):
        pool (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LoadView | Refused]
    """

    kwargs = _get_kwargs(
        hours=hours,
        site=site,
        pool=pool,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    hours: int | None | Unset = UNSET,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
) -> LoadView | Refused | None:
    """What jobs held, hour by hour: of attempts that are billed, and of those that run. A provider sees
    its own pools.

    Args:
        hours (int | None | Unset):
        site (None | str | Unset):
        pool (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LoadView | Refused
    """

    return sync_detailed(
        client=client,
        hours=hours,
        site=site,
        pool=pool,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    hours: int | None | Unset = UNSET,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
) -> Response[LoadView | Refused]:
    """What jobs held, hour by hour: of attempts that are billed, and of those that run. A provider sees
    its own pools.

    Args:
        hours (int | None | Unset):
        site (None | str | Unset):
        pool (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LoadView | Refused]
    """

    kwargs = _get_kwargs(
        hours=hours,
        site=site,
        pool=pool,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    hours: int | None | Unset = UNSET,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
) -> LoadView | Refused | None:
    """What jobs held, hour by hour: of attempts that are billed, and of those that run. A provider sees
    its own pools.

    Args:
        hours (int | None | Unset):
        site (None | str | Unset):
        pool (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LoadView | Refused
    """

    return (
        await asyncio_detailed(
            client=client,
            hours=hours,
            site=site,
            pool=pool,
        )
    ).parsed
