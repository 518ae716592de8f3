from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.closing_form import ClosingForm
from ...models.closing_list import ClosingList
from ...models.refused import Refused
from ...types import Response


def _get_kwargs(
    *,
    body: ClosingForm,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/closings",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ClosingList | Refused | None:
    if response.status_code == 201:
        response_201 = ClosingList.from_dict(response.json())

        return response_201

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

    if response.status_code == 409:
        response_409 = Refused.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Refused.from_dict(response.json())

        return response_413

    if response.status_code == 422:
        response_422 = Refused.from_dict(response.json())

        return response_422

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
    body: ClosingForm,
) -> Response[ClosingList | Refused]:
    """Closes a site, a pool or a node, in place of what its provider, or the operators, said of it before;
    a window is added to
    that. What the other of the two said stands. Answers with all that is then said of it.

    Args:
        body (ClosingForm): Something that is to be closed: a site, a pool, or a node of a pool.
            An instant is written as
            `2026-11-23T08:00:00+08:00`, or as a span from now: `2h`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClosingList | Refused]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ClosingForm,
) -> ClosingList | Refused | None:
    """Closes a site, a pool or a node, in place of what its provider, or the operators, said of it before;
    a window is added to
    that. What the other of the two said stands. Answers with all that is then said of it.

    Args:
        body (ClosingForm): Something that is to be closed: a site, a pool, or a node of a pool.
            An instant is written as
            `2026-11-23T08:00:00+08:00`, or as a span from now: `2h`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClosingList | Refused
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ClosingForm,
) -> Response[ClosingList | Refused]:
    """Closes a site, a pool or a node, in place of what its provider, or the operators, said of it before;
    a window is added to
    that. What the other of the two said stands. Answers with all that is then said of it.

    Args:
        body (ClosingForm): Something that is to be closed: a site, a pool, or a node of a pool.
            An instant is written as
            `2026-11-23T08:00:00+08:00`, or as a span from now: `2h`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClosingList | Refused]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ClosingForm,
) -> ClosingList | Refused | None:
    """Closes a site, a pool or a node, in place of what its provider, or the operators, said of it before;
    a window is added to
    that. What the other of the two said stands. Answers with all that is then said of it.

    Args:
        body (ClosingForm): Something that is to be closed: a site, a pool, or a node of a pool.
            An instant is written as
            `2026-11-23T08:00:00+08:00`, or as a span from now: `2h`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClosingList | Refused
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
