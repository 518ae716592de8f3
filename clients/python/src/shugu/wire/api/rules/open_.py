from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.closing_list import ClosingList
from ...models.refused import Refused
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    node: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

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

    json_node: None | str | Unset
    if isinstance(node, Unset):
        json_node = UNSET
    else:
        json_node = node
    params["node"] = json_node

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/closings",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ClosingList | Refused | None:
    if response.status_code == 200:
        response_200 = ClosingList.from_dict(response.json())

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

    if response.status_code == 404:
        response_404 = Refused.from_dict(response.json())

        return response_404

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ClosingList | Refused]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    node: None | str | Unset = UNSET,
) -> Response[ClosingList | Refused]:
    """Opens a site, a pool or a node again and forgets its windows, as far as it was its provider, or an
    operator, that closed it:
    neither opens what the other closed. Answers with what still closes it or something of it.

    Args:
        site (None | str | Unset):
        pool (None | str | Unset):
        node (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClosingList | Refused]
    """

    kwargs = _get_kwargs(
        site=site,
        pool=pool,
        node=node,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    node: None | str | Unset = UNSET,
) -> ClosingList | Refused | None:
    """Opens a site, a pool or a node again and forgets its windows, as far as it was its provider, or an
    operator, that closed it:
    neither opens what the other closed. Answers with what still closes it or something of it.

    Args:
        site (None | str | Unset):
        pool (None | str | Unset):
        node (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClosingList | Refused
    """

    return sync_detailed(
        client=client,
        site=site,
        pool=pool,
        node=node,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    node: None | str | Unset = UNSET,
) -> Response[ClosingList | Refused]:
    """Opens a site, a pool or a node again and forgets its windows, as far as it was its provider, or an
    operator, that closed it:
    neither opens what the other closed. Answers with what still closes it or something of it.

    Args:
        site (None | str | Unset):
        pool (None | str | Unset):
        node (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClosingList | Refused]
    """

    kwargs = _get_kwargs(
        site=site,
        pool=pool,
        node=node,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    site: None | str | Unset = UNSET,
    pool: None | str | Unset = UNSET,
    node: None | str | Unset = UNSET,
) -> ClosingList | Refused | None:
    """Opens a site, a pool or a node again and forgets its windows, as far as it was its provider, or an
    operator, that closed it:
    neither opens what the other closed. Answers with what still closes it or something of it.

    Args:
        site (None | str | Unset):
        pool (None | str | Unset):
        node (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClosingList | Refused
    """

    return (
        await asyncio_detailed(
            client=client,
            site=site,
            pool=pool,
            node=node,
        )
    ).parsed
