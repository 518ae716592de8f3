from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.census_response_200 import CensusResponse200
from ...models.refused import Refused
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    at: None | str | Unset = UNSET,
    by: None | str | Unset = UNSET,
    known: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_at: None | str | Unset
    if isinstance(at, Unset):
        json_at = UNSET
    else:
        json_at = at
    params["at"] = json_at

    json_by: None | str | Unset
    if isinstance(by, Unset):
        json_by = UNSET
    else:
        json_by = by
    params["by"] = json_by

    json_known: None | str | Unset
    if isinstance(known, Unset):
        json_known = UNSET
    else:
        json_known = known
    params["known"] = json_known

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/census",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> CensusResponse200 | Refused | None:
    if response.status_code == 200:
        response_200 = CensusResponse200.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[CensusResponse200 | Refused]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    at: None | str | Unset = UNSET,
    by: None | str | Unset = UNSET,
    known: None | str | Unset = UNSET,
) -> Response[CensusResponse200 | Refused]:
    """Computing power by class, precision and rung; sites; published figures beside; contradictions.

    Args:
        at (None | str | Unset):
        by (None | str | Unset):
        known (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CensusResponse200 | Refused]
    """

    kwargs = _get_kwargs(
        at=at,
        by=by,
        known=known,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    at: None | str | Unset = UNSET,
    by: None | str | Unset = UNSET,
    known: None | str | Unset = UNSET,
) -> CensusResponse200 | Refused | None:
    """Computing power by class, precision and rung; sites; published figures beside; contradictions.

    Args:
        at (None | str | Unset):
        by (None | str | Unset):
        known (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CensusResponse200 | Refused
    """

    return sync_detailed(
        client=client,
        at=at,
        by=by,
        known=known,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    at: None | str | Unset = UNSET,
    by: None | str | Unset = UNSET,
    known: None | str | Unset = UNSET,
) -> Response[CensusResponse200 | Refused]:
    """Computing power by class, precision and rung; sites; published figures beside; contradictions.

    Args:
        at (None | str | Unset):
        by (None | str | Unset):
        known (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CensusResponse200 | Refused]
    """

    kwargs = _get_kwargs(
        at=at,
        by=by,
        known=known,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    at: None | str | Unset = UNSET,
    by: None | str | Unset = UNSET,
    known: None | str | Unset = UNSET,
) -> CensusResponse200 | Refused | None:
    """Computing power by class, precision and rung; sites; published figures beside; contradictions.

    Args:
        at (None | str | Unset):
        by (None | str | Unset):
        known (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CensusResponse200 | Refused
    """

    return (
        await asyncio_detailed(
            client=client,
            at=at,
            by=by,
            known=known,
        )
    ).parsed
